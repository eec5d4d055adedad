package cli

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// manPageOf is the manual page of a command, in the language of man(7).
func manPageOf(cmd *cobra.Command, date time.Time) string {
	var b strings.Builder
	fmt.Fprintf(&b, ".TH \"PACK\" \"1\" \"%s\" \"pack\" \"\"\n", date.Format("Jan 2006"))
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", manText(fileOf(cmd, "-", "")), manText(cmd.Short))
	fmt.Fprintf(&b, ".SH SYNOPSIS\n\\fB%s\\fP\n", manText(cmd.UseLine()))
	b.WriteString(".SH DESCRIPTION\n")
	manParagraphs(&b, cmp.Or(cmd.Long, cmd.Short))
	manFlags(&b, "OPTIONS", cmd.NonInheritedFlags())
	manFlags(&b, "OPTIONS INHERITED FROM PARENT COMMANDS", cmd.InheritedFlags())
	if cmd.Example != "" {
		fmt.Fprintf(&b, ".SH EXAMPLE\n.nf\n%s\n.fi\n", manText(cmd.Example))
	}
	if related := relatedOf(cmd); len(related) > 0 {
		pages := make([]string, len(related))
		for i, c := range related {
			pages[i] = fmt.Sprintf("\\fB%s\\fP(1)", manText(fileOf(c, "-", "")))
		}
		fmt.Fprintf(&b, ".SH SEE ALSO\n%s\n", strings.Join(pages, ",\n"))
	}
	return b.String()
}

// manParagraphs writes a text. What is indented, a list or a table keeps its lines.
func manParagraphs(b *strings.Builder, text string) {
	for i, paragraph := range strings.Split(strings.Trim(text, "\n"), "\n\n") {
		if i > 0 {
			b.WriteString(".PP\n")
		}
		if strings.IndexAny(paragraph, " -|") == 0 {
			fmt.Fprintf(b, ".nf\n%s\n.fi\n", manText(paragraph))
			continue
		}
		b.WriteString(manText(paragraph) + "\n")
	}
}

func manFlags(b *strings.Builder, title string, flags *pflag.FlagSet) {
	if !flags.HasAvailableFlags() {
		return
	}
	fmt.Fprintf(b, ".SH %s\n", title)
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Deprecated != "" {
			return
		}
		b.WriteString(".TP\n")
		if f.Shorthand != "" && f.ShorthandDeprecated == "" {
			fmt.Fprintf(b, "\\fB\\-%s\\fP, ", f.Shorthand)
		}
		fmt.Fprintf(b, "\\fB\\-\\-%s\\fP", manText(f.Name))
		kind, usage := pflag.UnquoteUsage(f)
		if kind != "" {
			fmt.Fprintf(b, " \\fI%s\\fP", manText(kind))
		}
		fmt.Fprintf(b, "\n%s\n", manText(usage))
		if isTold(f) {
			fmt.Fprintf(b, "(default %s)\n", manText(f.DefValue))
		}
	})
}

// isTold says whether the default of a flag is more than that it is not set.
func isTold(f *pflag.Flag) bool {
	switch f.DefValue {
	case "", "0", "0s", "false", "[]", "unset":
		return false
	}
	return true
}

// manText escapes what has a meaning in man(7): backslashes, hyphens that are to be
// copied as such, and points and quotes at the beginning of a line.
func manText(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, ".") || strings.HasPrefix(line, "'") {
			lines[i] = `\&` + line
		}
	}
	return strings.Join(lines, "\n")
}
