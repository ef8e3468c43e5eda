//! Prints the reference page of the command line, for `cargo xtask codegen`: so the chores need not be built from the whole product.

fn main() {
    print!("{}", tern_cli::reference_page());
}
