//! What is sent to a phone. The sentences are the phrasebooks'.

/// A notice to a client.
#[derive(Clone, PartialEq, Eq)]
pub enum Notice {
    /// A one-time code.
    Code(String),
    /// Somebody wanted to register with this phone, which is registered.
    PhoneKnown,
    /// The registration is complete (R4-11.1.7).
    Registered,
    /// Identification has succeeded and the wallet is open.
    Identified,
    /// Identification has not succeeded, or waits for him: he finds more in his cabinet.
    NeedsYou,
    /// The login has moved to another phone.
    PhoneChanged,
    /// His wallet is blocked by his notice.
    Blocked,
}

impl std::fmt::Debug for Notice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Notice({})", self.key())
    }
}

impl Notice {
    /// The key of its sentence.
    pub fn key(&self) -> &'static str {
        match self {
            Notice::Code(_) => "sms_code",
            Notice::PhoneKnown => "sms_phone_known",
            Notice::Registered => "sms_registered",
            Notice::Identified => "sms_identified",
            Notice::NeedsYou => "sms_needs_you",
            Notice::PhoneChanged => "sms_phone_changed",
            Notice::Blocked => "sms_blocked",
        }
    }

    /// Its sentence.
    pub fn sentence(&self, phrases: &phrases::Phrases, language: phrases::Language) -> String {
        match self {
            Notice::Code(code) => phrases.story(language, self.key(), &[("code", code)]),
            _ => phrases.story(language, self.key(), &[]),
        }
    }
}
