//! Keepers of key-encryption keys: the wrong one, a missing key, a key that others can read.

use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

use vault::{FileKeeper, KeeperFault, KeyKeeper, Vault, VaultFault};

use crate::{World, admit};

#[test]
fn the_keeper_of_files_conforms() {
    let home = tempfile::tempdir().unwrap();
    vault::suite::keeper_conforms(&FileKeeper::at(home.path().join("keys"))).unwrap();
}

#[test]
fn key_files_are_their_owners_alone() {
    let home = tempfile::tempdir().unwrap();
    let (keys, keeper) = (home.path().join("keys"), FileKeeper::at(home.path().join("keys")));
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| while keeper.ensure(1).is_err() {});
        }
    });
    let path = keys.join("kek-000001");
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(&keys)), (0o600, 0o700));
    let key = std::fs::read(&path).unwrap();
    keeper.ensure(1).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), key, "a key is never written over");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    let said = keeper.seal(1, b"", b"x").unwrap_err().to_string();
    assert!(said.contains("mode 0640"), "{said}");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::write(&path, "something else").unwrap();
    let said = keeper.ensure(1).unwrap_err().to_string();
    assert!(said.contains("is not the key of epoch 1"), "{said}");
}

// A wrong or lost key-encryption key is told when the vault is opened, not at the first look.
#[test]
fn a_wrong_keeper_is_told_at_once() {
    for world in World::both() {
        admit(&mut world.vault(), 1..2);
        let other = tempfile::tempdir().unwrap();
        let open = |keeper: FileKeeper| Vault::open(world.store(), Arc::new(keeper)).unwrap_err();
        let fault = open(FileKeeper::at(other.path()));
        assert!(matches!(fault, VaultFault::Keeper(KeeperFault::Unknown { .. })), "{fault}");
        FileKeeper::at(other.path()).ensure(1).unwrap();
        let fault = open(FileKeeper::at(other.path()));
        assert!(matches!(fault, VaultFault::Keeper(KeeperFault::Wrong { .. })), "{fault}");
        assert!(fault.chain().contains("another key of epoch 1"), "{}", fault.chain());
    }
}

#[test]
fn a_new_vault_does_not_take_the_keys_of_another() {
    let (one, two) = (World::on_disk(), World::on_disk());
    let mut vault = one.vault();
    admit(&mut vault, 1..2);
    vault.rotate(&one.copies(), &mut |_| {}).unwrap();
    let made = Vault::open_or_make(two.store(), Arc::new(FileKeeper::at(one.keys())));
    assert!(matches!(made, Err(VaultFault::ForeignKeys(2))));
}
