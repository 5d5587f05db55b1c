//! A connection to the server that takes writes, made when it is first asked for and again when it
//! was cut off.

use store::Fault;

use crate::address::{Address, Server};
use crate::db::{Db, Wait};
use crate::schema;

#[derive(Debug)]
pub(crate) struct Line {
    address: Address,
    wait: Wait,
    db: Option<Db>,
}

impl Line {
    pub(crate) fn to(address: &Address, wait: Wait) -> Line {
        Line { address: address.clone(), wait, db: None }
    }

    pub(crate) fn db(&mut self) -> Result<&mut Db, Fault> {
        let db = match self.db.take().filter(|db| !db.is_closed()) {
            Some(db) => db,
            None => {
                let mut db = Db::connect(&self.address, Server::Primary, self.wait)?;
                schema::present(&mut db, &schema::JOURNAL)?;
                db
            }
        };
        Ok(self.db.insert(db))
    }
}
