//! The authorisation matrix, made from the one table of routes (R0-24.2, R2-55.2).

use console::role::Role;
use console::routes::{May, ROUTES, Route};

use crate::world::{World, header, named, text, token};

/// A path of a route, in English, with something for each piece.
pub fn path(route: &Route) -> String {
    let mut pieces = ["en", "0", "019b8e07-4600-7745-af22-2bc4a9e9d771", "0"].into_iter();
    let mut path = String::new();
    for part in route.path.split('/').skip(1) {
        path.push('/');
        path.push_str(if part == "{}" { pieces.next().unwrap() } else { part });
    }
    path
}

#[test]
fn every_route_opens_for_its_roles_and_for_nobody_else() {
    // R2-55.2a, R2-55.2d, R2-55.2e, R0-20.0e
    let world = World::new(named("Book"));
    let mut opened = 0;
    for route in ROUTES {
        let path = path(route);
        let May::Roles(roles) = route.may else { continue };
        let answer = if route.reads { world.get(&path, "") } else { world.post(&path, "", &[]) };
        if route.reads {
            let to = header(&answer, "location").unwrap_or_default();
            assert!(to.starts_with("/en/sign-in?next="), "{path}: {}", answer.status);
        } else {
            assert_eq!(answer.status, 403, "{path}");
        }
        assert!(!text(&answer).contains("<table"), "{path}");
        for role in Role::ALL {
            // Signing out ends the session, so each has one of its own.
            *world.mem.now.lock().unwrap() =
                console::ports::Source::now(&*world.mem).plus(60_000_000_000);
            let cookies = world.sign_in(*role);
            let answer = if route.reads {
                world.get(&path, &cookies)
            } else {
                let page = world.get("/en/invariants", &cookies);
                world.post(&path, &cookies, &[("token", &token(&page))])
            };
            let denied = answer.status == 403;
            assert_eq!(denied, !roles.contains(role), "{path} for {}", role.name());
            assert!(!denied || !text(&answer).contains("<table"), "{path}");
            opened += usize::from(!denied);
        }
    }
    assert!(50 < opened);
}

#[test]
fn each_role_opens_on_its_own_page() {
    // R0-24.2a, R0-24.2b, R0-24.2c
    let world = World::new(named("Book"));
    for role in Role::ALL {
        let cookies = world.sign_in(*role);
        let answer = world.get("/kk", &cookies);
        assert_eq!(header(&answer, "location"), Some(&*format!("/kk{}", role.home())));
        assert_eq!(world.get(&format!("/kk{}", role.home()), &cookies).status, 200);
    }
}
