//! Closed lists of words with permanent codes.

/// Declares a closed enum whose variants have a permanent code (one byte in facts) and a permanent
/// name. Codes and names are never reused.
#[macro_export]
macro_rules! choice {
    ($(#[$meta:meta])* pub enum $name:ident {
        $( $(#[$vmeta:meta])* $variant:ident = $code:literal $text:literal ),* $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum $name { $( $(#[$vmeta])* $variant = $code ),* }

        impl $name {
            /// Every variant, by code.
            pub const ALL: &'static [$name] = &[ $( $name::$variant ),* ];

            /// The permanent name.
            pub const fn name(self) -> &'static str {
                match self { $( $name::$variant => $text ),* }
            }

            /// The permanent code.
            pub const fn code(self) -> u8 {
                self as u8
            }

            /// The variant with this code.
            pub const fn from_code(code: u8) -> Option<Self> {
                match code { $( $code => Some($name::$variant), )* _ => None }
            }

            /// The variant with this name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name { $( $text => Some($name::$variant), )* _ => None }
            }
        }

        impl $crate::codec::Field for $name {
            fn shape() -> String {
                stringify!($name).into()
            }
            fn put(&self, out: &mut Vec<u8>) {
                out.push(*self as u8);
            }
            fn read(from: &mut $crate::codec::Reader<'_>) -> Result<Self, $crate::codec::Broken> {
                Self::from_code(from.byte()?).ok_or($crate::codec::Broken::Unknown)
            }
            fn value(&self) -> $crate::codec::Value {
                $crate::codec::Value::Text(self.name().into())
            }
        }
    };
}

/// Declares a set of the words of a [`choice!`](macro@crate::choice) with at most eight of them:
/// one byte in facts, bit n − 1 for the word with code n.
#[macro_export]
macro_rules! choices {
    ($(#[$meta:meta])* pub struct $name:ident of $choice:ident;) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct $name(u8);

        impl $name {
            /// None of them.
            pub const NONE: $name = $name(0);

            /// With one more.
            pub const fn with(self, one: $choice) -> $name {
                $name(self.0 | 1 << (one as u8 - 1))
            }

            /// Without this one.
            pub const fn without(self, one: $choice) -> $name {
                $name(self.0 & !(1 << (one as u8 - 1)))
            }

            /// Whether it is among them.
            pub const fn has(self, one: $choice) -> bool {
                self.0 >> (one as u8 - 1) & 1 == 1
            }

            /// Whether all of the others are among them.
            pub const fn has_all(self, others: $name) -> bool {
                self.0 & others.0 == others.0
            }

            /// These and the others.
            pub const fn and(self, others: $name) -> $name {
                $name(self.0 | others.0)
            }

            /// These without the others.
            pub const fn less(self, others: $name) -> $name {
                $name(self.0 & !others.0)
            }

            /// Whether there is none.
            pub const fn is_empty(self) -> bool {
                self.0 == 0
            }

            /// Each, by code.
            pub fn iter(self) -> impl Iterator<Item = $choice> {
                $choice::ALL.iter().copied().filter(move |one| self.has(*one))
            }

            /// One bit for each.
            pub const fn bits(self) -> u8 {
                self.0
            }

            /// The set with these bits; nothing if one of them has no word.
            pub const fn from_bits(bits: u8) -> Option<$name> {
                const { assert!($choice::ALL.len() <= 8, "one byte holds eight words") };
                if (bits as u16) >> $choice::ALL.len() == 0 { Some($name(bits)) } else { None }
            }
        }

        impl $crate::codec::Field for $name {
            fn shape() -> String {
                stringify!($name).into()
            }
            fn put(&self, out: &mut Vec<u8>) {
                out.push(self.0);
            }
            fn read(from: &mut $crate::codec::Reader<'_>) -> Result<Self, $crate::codec::Broken> {
                Self::from_bits(from.byte()?).ok_or($crate::codec::Broken::Unknown)
            }
            fn value(&self) -> $crate::codec::Value {
                $crate::codec::Value::List(self.iter().map(|one| one.value()).collect())
            }
        }
    };
}
