//! How a person was identified, and what that is good for.

use terms::choice;

use crate::person::Level;

choice! {
    /// The way of identification.
    pub enum IdentificationMethod {
        /// In person, with the document shown (R0-10.7a).
        InPerson = 1 "in_person",
        /// Remotely, on data from the exchange centre (R0-10.7b).
        Remote = 2 "remote",
        /// By another subject of financial monitoring under contract (R0-10.8).
        Delegate = 3 "delegate",
        /// By a session of video (R4-11.1.8d).
        VideoSession = 4 "video_session",
        /// By a recording that detects motion (R4-11.1.8e).
        LivenessVideo = 5 "liveness_video",
    }
}

choice! {
    /// Where the data came from. The exchange centre and the operational centre of interbank
    /// transfers are one door with two labels (I-04).
    pub enum IdentificationSource {
        /// The document itself.
        Document = 1 "document",
        /// The identification data exchange centre (СДАО).
        ExchangeCentre = 2 "exchange_centre",
        /// The operational centre of the interbank transfer system.
        InterbankCentre = 3 "interbank_centre",
        /// Systems of the state, by consent (R0-11.2).
        StateSystem = 4 "state_system",
    }
}

impl IdentificationMethod {
    /// The level that it gives if it succeeds: identity established and data confirmed, both
    /// (R0-10.12). Video is simplified and not enough to bet (I-03).
    pub fn level(self, established: bool, confirmed: bool) -> Level {
        if !(established && confirmed) {
            return Level::Unidentified;
        }
        match self {
            IdentificationMethod::InPerson
            | IdentificationMethod::Remote
            | IdentificationMethod::Delegate => Level::Full,
            IdentificationMethod::VideoSession | IdentificationMethod::LivenessVideo => {
                Level::Simplified
            }
        }
    }

    /// Whether data from there can come this way: who sees the person sees a document, who does not
    /// asks a centre (R0-10.11).
    pub fn takes(self, source: IdentificationSource) -> bool {
        match self {
            IdentificationMethod::InPerson | IdentificationMethod::Delegate => true,
            IdentificationMethod::Remote => source != IdentificationSource::Document,
            IdentificationMethod::VideoSession | IdentificationMethod::LivenessVideo => {
                source != IdentificationSource::ExchangeCentre
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_are_needed_and_video_is_not_enough() {
        // R0-10.7a, R0-10.7b, R0-10.8, R0-10.12, R4-11.1.8d, R4-11.1.8e, I-03
        for method in IdentificationMethod::ALL {
            for (established, confirmed) in [(false, false), (true, false), (false, true)] {
                assert_eq!(method.level(established, confirmed), Level::Unidentified);
            }
            let video = matches!(
                method,
                IdentificationMethod::VideoSession | IdentificationMethod::LivenessVideo
            );
            let want = if video { Level::Simplified } else { Level::Full };
            assert_eq!(method.level(true, true), want, "{}", method.name());
        }
    }

    #[test]
    fn remote_identification_rests_on_a_centre() {
        // R0-10.11, I-04
        let remote = IdentificationMethod::Remote;
        assert!(!remote.takes(IdentificationSource::Document));
        assert!(remote.takes(IdentificationSource::ExchangeCentre));
        assert!(remote.takes(IdentificationSource::InterbankCentre));
        assert!(IdentificationMethod::InPerson.takes(IdentificationSource::Document));
        let video = IdentificationMethod::VideoSession;
        assert!(!video.takes(IdentificationSource::ExchangeCentre));
    }
}
