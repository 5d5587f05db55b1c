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
