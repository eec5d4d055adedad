package tmplfuncs

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/seed-0d4f92cc/pack/internal/gotmpl"
)

// regexes are the functions with regular expressions. With must they return an
// error as it is, without it as sprig's panic.
func regexes(maxBytes int) map[string]any {
	c := &regexCache{compiled: map[string]*pattern{}}
	funcs := map[string]any{
		"regexMatch": func(s *gotmpl.State, expr, text string) (bool, error) {
			truth, err := c.match(s, expr, text)
			if err != nil && s.Ended() == nil {
				return false, nil
			}
			return truth, err
		},
		"mustRegexMatch": c.match,
	}
	for prefix, wrap := range map[string]func(string, error) error{
		"r":     asPanic,
		"mustR": func(_ string, err error) error { return err },
	} {
		funcs[prefix+"egexFind"] = func(s *gotmpl.State, expr, text string) (string, error) {
			found, err := c.findAll(s, expr, text, 1)
			if err != nil || len(found) == 0 {
				return "", wrap(expr, err)
			}
			return found[0], nil
		}
		funcs[prefix+"egexFindAll"] = func(s *gotmpl.State, expr, text string, n int) ([]string, error) {
			found, err := c.findAll(s, expr, text, n)
			return found, wrap(expr, err)
		}
		funcs[prefix+"egexSplit"] = func(s *gotmpl.State, expr, text string, n int) ([]string, error) {
			parts, err := c.split(s, expr, text, n)
			return parts, wrap(expr, err)
		}
		for suffix, literal := range map[string]bool{"": false, "Literal": true} {
			funcs[prefix+"egexReplaceAll"+suffix] = func(s *gotmpl.State, expr, text, by string) (string, error) {
				r := replacement{by: by, literal: literal, maxBytes: maxBytes}
				replaced, err := c.replace(s, expr, text, r)
				return replaced, wrap(expr, err)
			}
		}
	}
	return funcs
}

// asPanic gives an error the text that regexp.MustCompile panics with.
func asPanic(expr string, err error) error {
	if err == nil {
		return nil
	}
	if isBound(err) {
		return err
	}
	quoted := strconv.Quote(expr)
	if strconv.CanBackquote(expr) {
		quoted = "`" + expr + "`"
	}
	return fmt.Errorf("regexp: Compile(%s): %w", quoted, err)
}

func (c *regexCache) match(s *gotmpl.State, expr, text string) (bool, error) {
	p, err := c.get(expr)
	if err != nil {
		return false, err
	}
	at, err := search(s, p.Regexp, p.size, text)
	return at != nil, err
}

// findAll is regexp's FindAllString: at most n matches, unless n is below 0.
func (c *regexCache) findAll(s *gotmpl.State, expr, text string, n int) ([]string, error) {
	places, err := c.find(s, expr, text, n)
	if err != nil {
		return []string{}, err
	}
	var found []string
	for _, at := range places {
		found = append(found, text[at[0]:at[1]])
	}
	return found, nil
}

// split is regexp's Split.
func (c *regexCache) split(s *gotmpl.State, expr, text string, n int) ([]string, error) {
	p, err := c.get(expr)
	if err != nil {
		return []string{}, err
	}
	if n == 0 {
		return nil, nil
	}
	if expr != "" && text == "" {
		return []string{""}, nil
	}
	places, err := p.all(s, text, n)
	if err != nil {
		return []string{}, err
	}
	parts := make([]string, 0, len(places))
	begin, end := 0, 0
	for _, at := range places {
		if n > 0 && len(parts) == n-1 {
			break
		}
		end = at[0]
		if at[1] != 0 {
			parts = append(parts, text[begin:end])
		}
		begin = at[1]
	}
	if end != len(text) {
		parts = append(parts, text[begin:])
	}
	return parts, nil
}

// find is where the matches are.
func (c *regexCache) find(s *gotmpl.State, expr, text string, n int) ([][]int, error) {
	p, err := c.get(expr)
	if err != nil {
		return nil, err
	}
	return p.all(s, text, n)
}

// replacement is what takes the place of matches.
type replacement struct {
	by       string
	literal  bool
	maxBytes int
}

// replace is regexp's ReplaceAllString, or its Literal form.
func (c *regexCache) replace(s *gotmpl.State, expr, text string, r replacement) (string, error) {
	p, err := c.get(expr)
	if err != nil {
		return "", err
	}
	refs := strings.Count(r.by, "$")
	if p.quick(text) && (len(text)+1)*(len(r.by)+refs*len(text)) <= r.maxBytes {
		if r.literal {
			return p.ReplaceAllLiteralString(text, r.by), nil
		}
		return p.ReplaceAllString(text, r.by), nil
	}
	var out []byte
	end := 0
	err = p.each(s, text, func(at []int) (bool, error) {
		if len(out)+(at[0]-end)+len(r.by)+refs*(at[1]-at[0]) > r.maxBytes {
			return false, fmt.Errorf("%w: replacements make more than %d bytes", ErrTooLarge, r.maxBytes)
		}
		out = append(out, text[end:at[0]]...)
		if r.literal {
			out = append(out, r.by...)
		} else {
			out = p.ExpandString(out, r.by, text, at)
		}
		end = at[1]
		return true, nil
	})
	if err != nil || end == 0 && out == nil {
		return text, err
	}
	return string(append(out, text[end:]...)), nil
}
