//! The port behind which the sign-in to a server lives: the client knows that it may be refused for want of a token and
//! whom to ask for one, and nothing of how tokens are got.

use futures::future::LocalBoxFuture;

use crate::agent::ports::{Challenge, Listener, ToolError};

/// Gets the tokens for the requests to one server.
pub trait Authorizer {
    /// The value of the header `Authorization`, if there is a token.
    fn authorization(&self) -> Option<String>;

    /// Tokens and other secrets that no message may repeat.
    fn secrets(&self) -> Vec<String> {
        Vec::new()
    }

    /// The server answered a request that carried the present token: the token works.
    fn accepted(&self) {}

    /// The server refused a request: gets a token, or one that allows more, and asks the person where that takes them.
    /// Concurrent calls share one sign-in.
    ///
    /// # Errors
    /// There is none to be had, or the last one did not help; the request is not to be sent again.
    fn authorize<'a>(
        &'a self,
        challenge: &'a Challenge,
        listener: &'a dyn Listener,
    ) -> LocalBoxFuture<'a, Result<(), ToolError>>;
}
