//! Recognises guards by their name where they stand at a handler. Refuses whatever could be optional:
//! a false "guarded" is worse than none.

/// Parts of names that require a signed-in caller, letters only, lower case.
const GUARDS: [&str; 27] = [
    "loginrequired",
    "authrequired",
    "jwtrequired",
    "tokenrequired",
    "adminrequired",
    "requireauth",
    "requireslogin",
    "requirelogin",
    "requireadmin",
    "requiresauth",
    "requireuser",
    "requiresession",
    "isauthenticated",
    "ensureauth",
    "ensureloggedin",
    "isloggedin",
    "passportauthenticate",
    "authenticateuser",
    "authenticatetoken",
    "authenticatejwt",
    "currentuser",
    "currentactiveuser",
    "currentsuperuser",
    "currentactivesuperuser",
    "verifytoken",
    "adminsonly",
    "authedonly",
];
/// Whole names that do.
const WHOLE: [&str; 9] =
    ["auth", "authenticate", "authmiddleware", "checkauth", "isauth", "isadmin", "protect", "authguard", "checkjwt"];
/// Words that make a guard optional or something else.
const DOUBTS: [&str; 14] = [
    "optional",
    "false",
    "maybe",
    "anonymous",
    "public",
    "skip",
    "ifneeded",
    "disable",
    "unless",
    "csrf",
    "ornone",
    "ornull",
    "ifpresent",
    "tryget",
];
/// Sign-in strategies that check a request's own token; the others start a sign-in and are open to everybody.
const TOKEN_STRATEGIES: [&str; 4] = ["jwt", "bearer", "basic", "token"];
/// Extractor types whose rejection is the guard.
const EXTRACTORS: [&str; 6] =
    ["AuthUser", "AuthenticatedUser", "CurrentUser", "RequireAuth", "RequireUser", "AuthedUser"];

/// Whether a decorator, middleware argument or dependency is a guard, from its text.
pub(super) fn is_guard(text: &str) -> bool {
    // A function written in place may do anything.
    if text.contains("=>") || text.contains("function") || text.contains('\n') {
        return false;
    }
    // What negates, chooses or combines may let strangers in.
    let head = text.split('(').next().unwrap_or_default();
    let operators = ["!", "~", "?", "|", "&&", " & ", " if ", " or ", " and ", "not "];
    if is_doubtful(text) || operators.iter().any(|operator| head.contains(operator)) {
        return false;
    }
    let flat = letters(text);
    let name = letters(head);
    let last = letters(head.rsplit('.').next().unwrap_or_default());
    if name.contains("passportauthenticate") {
        return TOKEN_STRATEGIES.iter().any(|strategy| flat.contains(strategy));
    }
    GUARDS.iter().any(|guard| name.contains(guard)) || WHOLE.contains(&last.as_str())
}

/// Whether a guard's text says that it is optional, or something else.
pub(super) fn is_doubtful(text: &str) -> bool {
    // Without a session a guard guards every request by itself.
    let flat = letters(&text.replace("session: false", ""));
    DOUBTS.iter().any(|doubt| flat.contains(doubt))
}

/// Whether a parameter's type is an extractor that turns strangers away.
pub(super) fn is_extractor(of_type: &str) -> bool {
    let name = of_type.trim().rsplit("::").next().unwrap_or_default();
    EXTRACTORS.contains(&name)
}

fn letters(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphabetic).map(|letter| letter.to_ascii_lowercase()).collect()
}
