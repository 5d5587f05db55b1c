//! What every keeper of key-encryption keys must do, as a plain function: a keeper's test calls it.

use zeroize::Zeroizing;

use crate::keeper::{KeeperFault, KeyKeeper};

/// Panics where a keeper without keys breaks the contract.
pub fn keeper_conforms(keeper: &dyn KeyKeeper) -> Result<(), KeeperFault> {
    assert_eq!(keeper.epochs()?, Vec::<u32>::new());
    for epoch in [1, 2, 1] {
        keeper.ensure(epoch)?;
    }
    assert_eq!(keeper.epochs()?, [1, 2]);
    let secret = [7; 64];
    let sealed = keeper.seal(1, b"context", &secret)?;
    assert_ne!(sealed, keeper.seal(1, b"context", &secret)?, "never twice the same");
    assert_eq!(&*keeper.open(1, b"context", &sealed)?, &secret);
    let wrong = |opened: Result<Zeroizing<Vec<u8>>, KeeperFault>| {
        assert!(matches!(opened, Err(KeeperFault::Wrong { .. })), "{opened:?}");
    };
    wrong(keeper.open(2, b"context", &sealed));
    wrong(keeper.open(1, b"another", &sealed));
    wrong(keeper.open(1, b"context", &sealed[1..]));
    wrong(keeper.open(1, b"context", b""));
    let mut flipped = sealed.clone();
    flipped[30] ^= 1;
    wrong(keeper.open(1, b"context", &flipped));
    keeper.destroy(1)?;
    keeper.destroy(1)?;
    assert_eq!(keeper.epochs()?, [2]);
    let opened = keeper.open(1, b"context", &sealed);
    assert!(matches!(opened, Err(KeeperFault::Unknown { epoch: 1, .. })), "{opened:?}");
    keeper.destroy(2)
}
