//! A connection to the server that takes writes, made when it is first asked for and again when it
//! was cut off.

use store::Fault;

use crate::address::{Address, Server};
use crate::db::{Db, Wait};
use crate::schema::{self, Schema};

#[derive(Debug)]
pub(crate) struct Line {
    address: Address,
    wait: Wait,
    schema: &'static Schema,
    db: Option<Db>,
}

impl Line {
    pub(crate) fn to(address: &Address, wait: Wait) -> Line {
        Line::to_schema(address, wait, &schema::JOURNAL)
    }

    /// To what lies in another schema.
    pub(crate) fn to_schema(address: &Address, wait: Wait, schema: &'static Schema) -> Line {
        Line { address: address.clone(), wait, schema, db: None }
    }

    pub(crate) fn db(&mut self) -> Result<&mut Db, Fault> {
        let db = match self.db.take().filter(|db| !db.is_closed()) {
            Some(db) => db,
            None => {
                let mut db = Db::connect(&self.address, Server::Primary, self.wait)?;
                schema::present(&mut db, self.schema)?;
                db
            }
        };
        Ok(self.db.insert(db))
    }
}
