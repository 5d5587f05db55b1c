//! What the API answers about persons: invitations, how far they are, and the few things that an
//! organiser may know of its own bettors (S-55).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::fault::Faults;
use crate::shape::{Definitions, Wire, answer};
use crate::tree::Node;
use crate::value::{AccountNo, Id, Time, words};

answer! {
    /// A link for a bettor's browser. Its token is opaque and holds nothing personal.
    pub struct Invitation {
        /// The message's id.
        id: Id,
        /// The address at БЕЖ.
        link: String,
        /// The same as a picture for a phone's camera: an SVG document.
        qr_svg: String,
        /// Until when it leads somewhere.
        expires_at: Time,
    }
}

words! {
    /// How far somebody is who was invited to register.
    pub enum RegistrationState {
        /// He has not followed the link.
        Invited "invited",
        /// He is on his way.
        Begun "begun",
        /// An answer from outside, or an officer's, is awaited.
        Waiting "waiting",
        /// His account is open.
        Open "open",
        /// It has not succeeded; why is told to him alone.
        Failed "failed",
        /// The time is over.
        Expired "expired",
    }

    /// Where an order stands that a bettor was asked for.
    pub enum OrderRequestState {
        /// He has not answered.
        Asked "asked",
        /// He has given it.
        Given "given",
        /// He has declined it.
        Declined "declined",
        /// The time is over.
        Expired "expired",
    }
}

answer! {
    /// How far somebody is who was invited.
    pub struct InvitationProgress {
        /// The id under which he was invited.
        id: Id,
        /// Where he stands.
        state: RegistrationState,
        /// Until when he can go on.
        expires_at: Time,
        optional {
            /// His account, once it is open.
            account: AccountNo,
        }
    }
}

answer! {
    /// Where an order stands that was asked for.
    pub struct OrderRequestProgress {
        /// The id under which it was asked for.
        id: Id,
        /// Where it stands.
        state: OrderRequestState,
        /// Until when it can be answered.
        expires_at: Time,
        optional {
            /// The order, as stakes carry it.
            order: Id,
        }
    }
}

answer! {
    /// What an organiser may know of its own bettor. Each look is on record, and he sees it.
    pub struct BettorCard {
        /// The account.
        account: AccountNo,
        /// Surname.
        surname: String,
        /// Given name.
        given_name: String,
        /// Full years today; the birth date is not told.
        age_years: u32,
        optional {
            /// Patronymic.
            patronymic: String,
            /// Individual identification number, if he has one.
            iin: String,
        }
    }
}
