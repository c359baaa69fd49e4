use super::*;

#[test]
fn the_socket_folder_becomes_the_host_of_the_address() {
    let expected = "postgres://tracegate@%2Ftmp%2Fa-b.c%20d:5432/postgres";
    assert_eq!(url_of("/tmp/a-b.c d"), expected);
}
