package ignore_test

import (
	"errors"
	"path"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/internal/ignore"
)

func TestMatch(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		rules string
		// Paths that end in a slash are folders.
		out, in []string
	}{
		"defaults":            {"", []string{"templates/.a"}, []string{"a", "templates/a", "templates/x/.a", "templates/."}},
		"any depth":           {"a.txt", []string{"a.txt", "x/a.txt", "x/y/a.txt"}, []string{"b.txt", "a.txt.d"}},
		"anchored":            {"/a.txt", []string{"a.txt"}, []string{"x/a.txt"}},
		"whole path":          {"x/a.txt", []string{"x/a.txt"}, []string{"y/x/a.txt", "a.txt"}},
		"folders only":        {"docs/", []string{"docs/", "x/docs/"}, []string{"docs"}},
		"star stays in level": {"docs/*", []string{"docs/a"}, []string{"docs/x/a", "docs/"}},
		"comments, blanks":    {"# a\n\n  b  \r\n", []string{"b"}, []string{"a", "# a"}},
		"escaped hash":        {`\#a`, []string{"#a"}, []string{"a"}},
		"classes":             {"[ab].t?t", []string{"a.txt", "b.tat"}, []string{"c.txt"}},
		"byte order mark":     {"\xef\xbb\xbfa", []string{"a"}, []string{"b"}},
		"negation keeps only what it matches": {
			"!*.txt", []string{"a.yaml", "docs/"}, []string{"a.txt"},
		},
		"negation does not take back": {"*.txt\n!c.txt", []string{"a.txt", "c.txt", "Chart.yaml"}, nil},
		"negated folder rule":         {"!docs/", []string{"a", "x/"}, []string{"docs/"}},
		"the root is never left out":  {"*\n!x", nil, []string{".", ""}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rules, err := ignore.Parse([]byte(tc.rules))
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range append(tc.out, tc.in...) {
				isDir := strings.HasSuffix(p, "/")
				want := contains(tc.out, p)
				if got := rules.Match(strings.TrimSuffix(p, "/"), isDir); got != want {
					t.Errorf("Match(%q) = %v, want %v", p, got, want)
				}
			}
		})
	}
}

func contains(list []string, s string) bool {
	for _, e := range list {
		if e == s {
			return true
		}
	}
	return false
}

func TestParseErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		rules string
		want  error
		text  string
	}{
		"double star": {"a\n\n**/b", ignore.ErrDoubleStar, ".helmignore:3: double-star (**) syntax is not supported"},
		"bad pattern": {"a[", path.ErrBadPattern, ".helmignore:1: syntax error in pattern"},
		"too many":    {strings.Repeat("a\n", ignore.MaxRules+1), ignore.ErrTooMany, ".helmignore:10001: too many ignore rules: at most 10000"},
	}
	for name, tc := range tests {
		_, err := ignore.Parse([]byte(tc.rules))
		if !errors.Is(err, tc.want) {
			t.Errorf("%s: error is %v, want %v", name, err, tc.want)
			continue
		}
		if diff := cmp.Diff(tc.text, err.Error()); diff != "" {
			t.Errorf("%s: text (-want +got):\n%s", name, diff)
		}
	}
}

func FuzzIgnore(f *testing.F) {
	for _, rules := range []string{"a", "!a", "docs/", "/a\n*.txt", "[a-", "**", `\#`, "templates/.?*"} {
		f.Add(rules, "docs/a.txt")
	}
	f.Fuzz(func(t *testing.T, text, name string) {
		rules, err := ignore.Parse([]byte(text))
		if err != nil {
			if se, ok := errors.AsType[*ignore.SyntaxError](err); !ok || se.Line < 1 || se.Line > strings.Count(text, "\n")+1 {
				t.Fatalf("error %v has no line of the text", err)
			}
			return
		}
		if rules.Match(".", true) || rules.Match("", true) {
			t.Fatal("the root is left out")
		}
		// More rules never bring a path back.
		more, err := ignore.Parse([]byte(text + "\nzz-other"))
		if err != nil {
			t.Fatal(err)
		}
		for _, isDir := range []bool{false, true} {
			if rules.Match(name, isDir) && !more.Match(name, isDir) {
				t.Fatalf("a rule brought %q back", name)
			}
		}
	})
}
