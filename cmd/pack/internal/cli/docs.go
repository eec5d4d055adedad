package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
)

type docsOptions struct {
	dir     string
	format  string
	headers bool
}

func newDocsCmd(s *session) *cobra.Command {
	o := docsOptions{}
	cmd := &cobra.Command{
		Use:   "docs",
		Short: "generate the command reference as markdown or man pages",
		Long: `Write one file for each command into a folder, as markdown or as man pages, or one
with the completion script for bash.`,
		Hidden: true,
		Args:   noArgs,

		ValidArgsFunction: noMoreArgs,
		RunE: func(*cobra.Command, []string) error {
			return o.run(s)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.dir, "dir", "./", "folder that the files are written to")
	f.StringVar(&o.format, "type", "markdown", "the kind of files: markdown, man or bash")
	f.BoolVar(&o.headers, "generate-headers", false, "begin each markdown file with its title, as generators of web sites want it")
	// It fails only for a flag that does not exist or has one already.
	_ = cmd.RegisterFlagCompletionFunc("type", cobra.FixedCompletions([]cobra.Completion{"bash", "man", "markdown"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func (o *docsOptions) run(s *session) error {
	date, err := s.sourceDate()
	if err != nil {
		return err
	}
	if date.IsZero() {
		date = s.Now()
	}
	root := newRootCmd(newSession(nowhere(s.App)), "")
	root.InitDefaultHelpCmd()
	dir := s.folder(o.dir)
	var write func() error
	switch o.format {
	case "markdown", "mdown", "md":
		write = func() error {
			return writePages(root, dir, "_", ".md", func(cmd *cobra.Command) string {
				if o.headers {
					return frontMatter(cmd) + markdownOf(cmd)
				}
				return markdownOf(cmd)
			})
		}
	case "man":
		write = func() error {
			return writePages(root, dir, "-", ".1", func(cmd *cobra.Command) string { return manPageOf(cmd, date) })
		}
	case "bash":
		write = func() error { return root.GenBashCompletionFileV2(filepath.Join(dir, "completions.bash"), true) }
	default:
		return fmt.Errorf("unknown doc type %q. Try 'markdown' or 'man'", o.format)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return write()
}

// writePages writes the page of a command and of each below it.
func writePages(cmd *cobra.Command, dir, between, ending string, page func(*cobra.Command) string) error {
	cmd.InitDefaultHelpFlag()
	cmd.InitDefaultVersionFlag()
	for _, c := range cmd.Commands() {
		if !hasPage(c) {
			continue
		}
		if err := writePages(c, dir, between, ending, page); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(dir, fileOf(cmd, between, ending)), []byte(page(cmd)), 0o644)
}

// frontMatter is the title of a page of the reference: "Pack Get Values".
func frontMatter(cmd *cobra.Command) string {
	words := strings.Fields(cmd.CommandPath())
	for i, word := range words {
		words[i] = strings.ToUpper(word[:1]) + word[1:]
	}
	return fmt.Sprintf("---\ntitle: %q\n---\n\n", strings.Join(words, " "))
}

// nowhere is a user whose home is "~" and whose environment is empty: with it
// the defaults in the reference are the same on every machine.
func nowhere(app App) App {
	app.Home = "~"
	app.Program = "pack"
	app.Env = func(string) (string, bool) { return "", false }
	return app
}

// sourceDate is the time of SOURCE_DATE_EPOCH, which generated files are given
// (https://reproducible-builds.org/specs/source-date-epoch); zero where it is
// not set.
func (a App) sourceDate() (time.Time, error) {
	text, _ := a.Env("SOURCE_DATE_EPOCH")
	if text == "" {
		return time.Time{}, nil
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("invalid SOURCE_DATE_EPOCH: %w", err)
	}
	if seconds < 0 {
		return time.Time{}, errors.New("invalid SOURCE_DATE_EPOCH: must not be negative")
	}
	return time.Unix(seconds, 0).UTC(), nil
}
