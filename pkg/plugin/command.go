package plugin

import (
	"errors"
	"os"
	"runtime"
	"strings"
)

// errNoCommand is Helm's text for a plugin that has nothing for this platform.
var errNoCommand = errors.New("no plugin command is applicable")

// choose returns the command for a platform: the first one for its system and
// architecture, or else for its system, or else for any. nil if there is none.
func choose(commands []Command, goos, goarch string) *Command {
	var bySystem, byNothing *Command
	for i := range commands {
		c := &commands[i]
		system := strings.EqualFold(c.OS, goos)
		switch {
		case system && strings.EqualFold(c.Arch, goarch):
			return c
		case c.Arch != "":
		case system && bySystem == nil:
			bySystem = c
		case c.OS == "" && byNothing == nil:
			byNothing = c
		}
	}
	if bySystem != nil {
		return bySystem
	}
	return byNothing
}

// prepare is what is to be run: the program, with its variables expanded, and
// its arguments, with theirs if expand says so. What is behind a blank in the
// command is an argument, as in Helm.
func prepare(commands []Command, expand bool, env environment) (program string, args []string, err error) {
	c := choose(commands, runtime.GOOS, runtime.GOARCH)
	if c == nil {
		return "", nil, errNoCommand
	}
	words := strings.Split(c.Command, " ")
	if words[0] == "" {
		return "", nil, errNoCommand
	}
	for _, arg := range append(words[1:], c.Args...) {
		if expand {
			arg = os.Expand(arg, env.get)
		}
		args = append(args, arg)
	}
	return os.Expand(words[0], env.get), args, nil
}
