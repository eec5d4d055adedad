package plugin

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/seed-0d4f92cc/pack/internal/bounded"
)

// The files of a plugin that help to complete its command line.
const (
	completionFile    = "completion.yaml"
	completionProgram = "plugin.complete"
)

// The bounds of a completion.yaml.
const (
	maxSubcommands     = 10000
	maxSubcommandDepth = 32
)

// Subcommand is what a completion.yaml says of a command of a plugin: at its top,
// of the plugin.
type Subcommand struct {
	Name      string       `yaml:"name"`
	ValidArgs []string     `yaml:"validArgs"`
	Flags     []string     `yaml:"flags"`
	Commands  []Subcommand `yaml:"commands"`
}

// Subcommands reads the plugin's completion.yaml. The error wraps fs.ErrNotExist
// if there is none.
func (p *Plugin) Subcommands() (*Subcommand, error) {
	data, err := readSmall(filepath.Join(p.Dir, completionFile))
	if err != nil {
		return nil, err
	}
	top := new(Subcommand)
	if err := decode(data, false, top); err != nil {
		return nil, err
	}
	if top.count(0) > maxSubcommands {
		return nil, fmt.Errorf("more than %d commands, or nested deeper than %d", maxSubcommands, maxSubcommandDepth)
	}
	return top, nil
}

// count is how many commands there are, more than allowed if they nest too
// deeply.
func (s *Subcommand) count(depth int) int {
	if depth > maxSubcommandDepth {
		return maxSubcommands + 1
	}
	n := 1
	for i := range s.Commands {
		n += s.Commands[i].count(depth + 1)
	}
	return n
}

// Complete asks the plugin's program for completions what may stand in place of
// the last of the arguments, and returns that with the directive that it ends
// with, 0 if it gives none. A plugin without such a program has an error.
func (p *Plugin) Complete(ctx context.Context, args []string, proc Process) (words []string, directive int, err error) {
	if err := p.Runnable(); err != nil {
		return nil, 0, err
	}
	out := bounded.Buffer{Most: maxCompletions}
	proc.In = nil
	cmd := newCmd(ctx, filepath.Join(p.Dir, completionProgram), args, p.environment(proc.Env), proc)
	// As in Helm, what it complains about is shown too.
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := p.wait(ctx, cmd); err != nil {
		return nil, 0, err
	}
	for line := range strings.SplitSeq(out.String(), "\n") {
		if line != "" {
			words = append(words, line)
		}
	}
	if n := len(words); n > 0 {
		if text, ok := strings.CutPrefix(words[n-1], ":"); ok {
			if number, err := strconv.Atoi(text); err == nil {
				return words[:n-1], number, nil
			}
		}
	}
	return words, 0, nil
}
