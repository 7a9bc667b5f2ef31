# shellcheck shell=bash
# --- the command line ----------------------------------------------------------------------------

misused() {
    usage >&2
    exit "$E_USAGE"
}

while [ $# -gt 0 ]; do
    case $1 in
    -c | --config-dir | --probe | --program | --resolvers)
        [ $# -gt 1 ] || die "$E_USAGE" "$1 needs an argument"
        case $1 in
        --probe) probe_to=$2 ;;
        --program) program=$2 ;;
        --resolvers) resolvers=$2 ;;
        *) config_dir=$2 ;;
        esac
        shift
        ;;
    -n | --dry-run) dry_run=yes ;;
    --now) now=yes ;;
    -q | --quiet) quiet=yes ;;
    -h | --help) usage && exit 0 ;;
    on | off | status)
        [ -z "$action" ] || die "$E_USAGE" "one of on, off, status"
        action=$1
        ;;
    *) misused ;;
    esac
    shift
done
[ -n "$action" ] || misused
if [ -n "$resolvers" ]; then
    [ "$action" = on ] || die "$E_USAGE" "--resolvers is for on"
    [[ $resolvers =~ ^[0-9]{1,2}$ ]] || resolvers=$((RESOLVERS_MAX + 1))
    resolvers=$((10#$resolvers))
    [ "$resolvers" -le "$RESOLVERS_MAX" ] || die "$E_USAGE" "--resolvers needs a number up to $RESOLVERS_MAX"
fi
find_instance
"command_$action"
