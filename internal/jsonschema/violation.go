package jsonschema

import (
	"fmt"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
)

// Violation is one thing that is wrong with an instance.
type Violation struct {
	// Pointer is the JSON pointer of the value; empty for the whole instance.
	Pointer string
	// Message is what is wrong, in the words of the library.
	Message string
	// Causes say why, where the message only says that alternatives failed.
	Causes []Violation
}

// list returns the violations below a failure, in the order in which the library
// finds them: that of the keywords, of lists and of alternatives. The properties of
// an object, which the library takes by chance, are in byte order. With open the texts
// that are at fault are in the messages, as those of the library are.
func list(err *failure, open bool) []Violation {
	p := message.NewPrinter(language.English)
	var out []Violation
	for _, cause := range err.causes {
		out = append(out, flatten(cause, p, open)...)
	}
	return out
}

// flatten turns a failure into a violation. A reference that failed for one
// reason is no level of its own, as in the library's text. The names of properties are
// no secret.
func flatten(err *failure, p *message.Printer, open bool) []Violation {
	_, names := err.fault.(*kind.PropertyNames)
	var causes []Violation
	for _, cause := range err.causes {
		causes = append(causes, flatten(cause, p, open || names)...)
	}
	if _, ok := err.fault.(*kind.Reference); ok && len(err.causes) == 1 {
		return causes
	}
	text := err.fault.LocalizedString(p)
	if !open {
		text = WithoutValue(err.fault, text)
	}
	return []Violation{{
		Pointer: place{}.child(err.path...).ptr,
		Message: text,
		Causes:  causes,
	}}
}

// WithoutValue is the message about a fault without the text that is at fault, which
// the library repeats, and which may be a password.
func WithoutValue(fault any, message string) string {
	switch f := fault.(type) {
	case *kind.Pattern:
		return fmt.Sprintf("'…' does not match pattern %s", quote(f.Want))
	case *kind.Format:
		return fmt.Sprintf("'…' is not valid %s", f.Want)
	}
	return message
}

// Text prints violations one a line, causes indented below, as the library
// does.
func Text(list []Violation) string {
	var sb strings.Builder
	writeText(&sb, list, "")
	return sb.String()
}

func writeText(sb *strings.Builder, list []Violation, indent string) {
	for _, v := range list {
		fmt.Fprintf(sb, "%s- at %s: %s\n", indent, quote(v.Pointer), v.Message)
		writeText(sb, v.Causes, indent+"  ")
	}
}

// quote puts s into single quotes, with Go's escapes.
func quote(s string) string {
	s = fmt.Sprintf("%q", s)
	s = strings.ReplaceAll(s[1:len(s)-1], `\"`, `"`)
	return "'" + strings.ReplaceAll(s, "'", `\'`) + "'"
}
