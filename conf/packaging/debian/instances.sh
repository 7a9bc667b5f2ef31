# The Postfix instances of this machine, and whether eqmgr manages their queues. Part of the maintainer
# scripts: debian/rules puts it in the place of #INSTANCES#.
instances() {
    command -v postconf >/dev/null || return 0
    postconf -xh config_directory multi_instance_directories 2>/dev/null | tr ', ' '\n\n' | grep . || :
}

uses_eqmgr() { # uses_eqmgr INSTANCE
    postconf -c "$1" -F '*/*/command' 2>/dev/null | grep -qE '= eqmgr(\.d/|-|[[:space:]]|$)'
}
