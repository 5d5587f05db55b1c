//! Questions: they change nothing. Everything that is asked about is the caller's own.

use serde::de::DeserializeOwned;
use wire::{
    AccountNo, BetStory, Caller, ChampionshipCards, Eligibilities, Eligibility, EligibilityCheck,
    EventCard, EventCards, EventNo, Id, MessageFate, PlannedWorksList, ReasonPages, WalletState,
};

use crate::client::{Ask, Client};
use crate::error::Error;
use crate::messages::unwritable;

impl Client {
    /// Whom the certificate speaks for.
    pub async fn caller(&self) -> Result<Caller, Error> {
        self.question("/caller").await
    }

    /// The organiser's own wallet.
    pub async fn wallet(&self) -> Result<WalletState, Error> {
        self.question("/wallet").await
    }

    /// Whether an account may stake now.
    pub async fn eligibility(&self, account: AccountNo) -> Result<Eligibility, Error> {
        self.question(&format!("/accounts/{account}/eligibility")).await
    }

    /// Whether accounts may stake now, up to 1,000, answered in the same order.
    pub async fn eligibilities(&self, accounts: &[AccountNo]) -> Result<Vec<Eligibility>, Error> {
        let check = EligibilityCheck { accounts: accounts.to_vec() };
        let text = serde_json::to_vec(&check).map_err(unwritable)?;
        let heard = self.ask(Ask::post("/eligibility-checks", text)).await?;
        heard.read::<Eligibilities>().map(|answers| answers.answers)
    }

    /// A bet with its whole story.
    pub async fn bet(&self, bet: Id) -> Result<BetStory, Error> {
        self.question(&format!("/bets/{bet}")).await
    }

    /// What became of a message, without sending it.
    pub async fn fate(&self, id: Id) -> Result<MessageFate, Error> {
        self.question(&format!("/messages/{id}")).await
    }

    /// The proof of a message's record, which `bej check-proof` and other verifiers read.
    pub async fn proof(&self, id: Id) -> Result<String, Error> {
        let heard = self.ask(Ask::get(&format!("/receipts/{id}/proof"))).await?;
        heard.text().map(str::to_owned)
    }

    /// Every code that an answer may carry, with what to do.
    pub async fn reasons(&self) -> Result<ReasonPages, Error> {
        self.question("/reasons").await
    }

    /// All championships that were listed.
    pub async fn championships(&self) -> Result<ChampionshipCards, Error> {
        self.question("/catalogue/championships").await
    }

    /// A page of events by number, behind the one that is named.
    pub async fn events(&self, after: Option<EventNo>, limit: usize) -> Result<EventCards, Error> {
        let after = after.map_or(String::new(), |after| format!("after={after}&"));
        self.question(&format!("/catalogue/events?{after}limit={limit}")).await
    }

    /// An event with its markets and outcomes.
    pub async fn event(&self, event: EventNo) -> Result<EventCard, Error> {
        self.question(&format!("/catalogue/events/{event}")).await
    }

    /// The planned works at the centre that are not over.
    pub async fn planned_works(&self) -> Result<PlannedWorksList, Error> {
        self.question("/works").await
    }

    pub(crate) async fn question<A: DeserializeOwned>(&self, path: &str) -> Result<A, Error> {
        self.ask(Ask::get(path)).await?.read()
    }
}
