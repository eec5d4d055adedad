package selector_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/seed-0d4f92cc/pack/internal/selector"
)

func labels() map[string]string {
	return map[string]string{"app": "web", "tier": "front", "n": "5", "empty": "", "example.com/team": "a"}
}

func TestMatches(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		selector string
		want     bool
	}{
		{"", true},
		{"   ", true},
		{"app", true},
		{"!app", false},
		{"none", false},
		{"!none", true},
		{"! none", true},
		{"app=web", true},
		{"app==web", true},
		{" app = web ", true},
		{"app=db", false},
		{"none=web", false},
		{"app!=web", false},
		{"app!=db", true},
		{"none!=db", true},
		{"empty=", true},
		{"app=", false},
		{"app!=", true},
		{"app in (web,db)", true},
		{"app in (db)", false},
		{"none in (db)", false},
		{"app in ( web , db )", true},
		{"app in(web)", true},
		{"empty in (,x)", true},
		{"app notin (web,db)", false},
		{"app notin (db)", true},
		{"none notin (db)", true},
		{"n>4", true},
		{"n > 5", false},
		{"n<6", true},
		{"app>1", false},
		{"none<1", false},
		{"example.com/team=a", true},
		{"app=web,tier=front", true},
		{"app=web,tier=back", false},
		{"app=web,tier in (front,back),!none,n<9", true},
	} {
		t.Run(tt.selector, func(t *testing.T) {
			t.Parallel()
			s, err := selector.Parse(tt.selector)
			if err != nil {
				t.Fatal(err)
			}
			if got := s.Matches(labels()); got != tt.want {
				t.Errorf("%q matches %v: %v, want %v", tt.selector, labels(), got, tt.want)
			}
		})
	}
}

func TestParseErrors(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ selector, want string }{
		{",", `found "," at position 1 where a label key is expected`},
		{"a,", "it ends where a label key is expected"},
		{"a b", `found "b" at position 3 where an operator is expected`},
		{"a in b", `found "b" at position 6 where "(" is expected`},
		{"a in (b", `it ends where "," or ")" is expected`},
		{"a in (b c)", `found "c" at position 9 where "," or ")" is expected`},
		{"a=b=c", `found "=" at position 4 where a comma or the end is expected`},
		{"a=!b", `found "!" at position 3 where a value is expected`},
		{"a>x", `found "x" at position 3 where an integer is expected`},
		{"!", "it ends where a label key is expected"},
		{"a$=b", `label key "a$" has a character that no key can have: '$'`},
		{strings.Repeat("a", selector.MaxBytes+1), "label selector is too long"},
	} {
		_, err := selector.Parse(tt.selector)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("Parse(%.20q): error %v, want one with %q", tt.selector, err, tt.want)
		}
	}
}

// FuzzParse checks that a selector prints as one that selects the same.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"", "a", "!a", "app=web", "app!=web", "app in (web,)", "n>3,n<9", "a notin (b)", "in in (in)"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := selector.Parse(text)
		if err != nil {
			return
		}
		again, err := selector.Parse(s.String())
		if err != nil {
			t.Fatalf("%q prints as %q, which is not read: %v", text, s, err)
		}
		if got, want := again.String(), s.String(); got != want {
			t.Errorf("%q prints as %q and then as %q", text, want, got)
		}
		all := labels()
		for key := range labels() {
			some := maps.Clone(all)
			delete(some, key)
			if s.Matches(some) != again.Matches(some) {
				t.Errorf("%q and %q differ on %v", text, s, some)
			}
		}
	})
}
