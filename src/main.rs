//! The page's entry: a panic hook, then mount.

fn main() {
    fanout::web::recovery::install_panic_hook();
    fanout::ui::mount();
}
