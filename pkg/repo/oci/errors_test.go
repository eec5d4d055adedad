package oci_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode"

	"github.com/seed-0d4f92cc/pack/pkg/repo/oci"
)

func TestTidy(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`GET "https://h/token?service=a&scope=b%3Ac": no`:            `GET "https://h/token?service=a&scope=b%3Ac": no`,
		`GET "https://h/b?X-Amz-Signature=abc&X-Amz-Date=1&n=5": no`: `GET "https://h/b?X-Amz-Signature=xxxxx&X-Amz-Date=xxxxx&n=5": no`,
		"what? nothing": "what? nothing",
		"\x1b[31mred":   `\x1b[31mred`,
		"two\nlines":    "two\nlines",
	} {
		if got := oci.Tidy(errors.New(text)).Error(); got != want {
			t.Errorf("%q is shown as %q, want %q", text, got, want)
		}
	}
	if oci.Tidy(nil) != nil {
		t.Error("nothing became an error")
	}
}

// FuzzTidy: whatever stands around it, a signature in a URL is not shown, nor is
// anything that a terminal would obey.
func FuzzTidy(f *testing.F) {
	f.Add("GET ", "&n=1", " failed")
	f.Add("\x1b[2J", "?x=y#z", "\x00")
	f.Add("a?b", "&&=", "?")
	f.Fuzz(func(t *testing.T, before, query, after string) {
		const secret = "5ecret5ignature"
		if strings.Contains(before+query+after, secret) {
			t.Skip()
		}
		// What ends a URL, a query in an error has not.
		query = strings.Map(func(r rune) rune {
			if strings.ContainsRune("\"' \t\n)>", r) {
				return -1
			}
			return r
		}, query)
		text := fmt.Sprintf("%s\"https://host/path?sig=%s%s\"%s", before, secret, query, after)
		shown := oci.Tidy(errors.New(text)).Error()
		if strings.Contains(shown, secret) {
			t.Errorf("%q shows the signature: %q", text, shown)
		}
		for _, r := range shown {
			if r != '\n' && r != '\t' && !unicode.IsPrint(r) {
				t.Errorf("%q shows %q", text, r)
			}
		}
	})
}
