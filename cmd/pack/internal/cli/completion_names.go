package cli

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
)

// otherName is the name that the program was called by if that is not its own,
// as with a link named helm; empty otherwise, and for names that a shell would
// not take as a word.
func (s *session) otherName() string {
	name := strings.TrimSuffix(filepath.Base(s.Program), ".exe")
	if name == "pack" || !regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`).MatchString(name) {
		return ""
	}
	return name
}

// bashNames has bash complete what else the program is called: the name of a
// link to it, if it was called by that, and the aliases that are there when the
// script is loaded. The other shells look through aliases by themselves.
func bashNames(name string) string {
	called := ""
	if name != "" {
		called = "__pack_also " + name + "\n"
	}
	return `
__pack_also() {
    if [[ $(type -t compopt) = "builtin" ]]; then
        complete -o default -F __start_pack "$1"
    else
        complete -o default -o nospace -F __start_pack "$1"
    fi
}
` + called + `if [[ ${BASH_VERSINFO[0]:-0} -ge 4 ]]; then
    for __pack_alias in "${!BASH_ALIASES[@]}"; do
        if [[ ${BASH_ALIASES[$__pack_alias]} == pack ]]; then
            __pack_also "$__pack_alias"
        fi
    done
    unset __pack_alias
fi
`
}

// namesIn returns what adds a name to the completion of a shell, by a format.
func namesIn(format string) func(name string) string {
	return func(name string) string {
		if name == "" {
			return ""
		}
		return fmt.Sprintf(format, name)
	}
}
