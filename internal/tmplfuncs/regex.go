package tmplfuncs

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
	"sync"
)

// Bounds on regular expressions.
const (
	// maxRegexSteps is how many steps a search may take at worst: the length
	// of the text times the size of the expression.
	maxRegexSteps = 10_000_000_000
	// maxRegexes is how many compiled expressions are kept.
	maxRegexes = 1000
)

// regexCache keeps compiled expressions: templates search with the same ones
// over and over.
type regexCache struct {
	mu       sync.Mutex
	compiled map[string]*compiled
	maxBytes int
}

type compiled struct {
	*regexp.Regexp
	size int
}

func (c *regexCache) get(expr, text string) (*compiled, error) {
	c.mu.Lock()
	re := c.compiled[expr]
	c.mu.Unlock()
	if re == nil {
		var err error
		if re, err = compile(expr); err != nil {
			return nil, err
		}
		c.mu.Lock()
		if len(c.compiled) >= maxRegexes {
			clear(c.compiled)
		}
		c.compiled[expr] = re
		c.mu.Unlock()
	}
	if re.size > maxRegexSteps/(len(text)+1) {
		return nil, fmt.Errorf("%w: a regular expression of %d instructions on %d bytes takes too long", ErrTooLarge, re.size, len(text))
	}
	return re, nil
}

func compile(expr string) (*compiled, error) {
	re, err := regexp.Compile(expr)
	if err != nil {
		return nil, err
	}
	parsed, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil, err
	}
	prog, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return nil, err
	}
	return &compiled{Regexp: re, size: len(prog.Inst)}, nil
}

// asPanic gives an error the text that regexp.MustCompile panics with.
func asPanic(expr string, err error) error {
	if err == nil {
		return nil
	}
	quoted := strconv.Quote(expr)
	if strconv.CanBackquote(expr) {
		quoted = "`" + expr + "`"
	}
	return fmt.Errorf("regexp: Compile(%s): %w", quoted, err)
}

func regexes(maxBytes int) map[string]any {
	c := &regexCache{compiled: map[string]*compiled{}, maxBytes: maxBytes}
	funcs := map[string]any{
		"regexMatch": func(expr, text string) bool {
			truth, err := c.match(expr, text)
			return truth && err == nil
		},
		"mustRegexMatch": c.match,
	}
	// With must they return the error as it is, without it as sprig's panic.
	for prefix, wrap := range map[string]func(string, error) error{
		"r":     asPanic,
		"mustR": func(_ string, err error) error { return err },
	} {
		funcs[prefix+"egexFindAll"] = func(expr, text string, n int) ([]string, error) {
			re, err := c.get(expr, text)
			if err != nil {
				return []string{}, wrap(expr, err)
			}
			return re.FindAllString(text, n), nil
		}
		funcs[prefix+"egexFind"] = func(expr, text string) (string, error) {
			re, err := c.get(expr, text)
			if err != nil {
				return "", wrap(expr, err)
			}
			return re.FindString(text), nil
		}
		funcs[prefix+"egexSplit"] = func(expr, text string, n int) ([]string, error) {
			re, err := c.get(expr, text)
			if err != nil {
				return []string{}, wrap(expr, err)
			}
			return re.Split(text, n), nil
		}
		funcs[prefix+"egexReplaceAll"] = func(expr, text, by string) (string, error) {
			re, err := c.forReplace(expr, text, by)
			if err != nil {
				return "", wrap(expr, err)
			}
			return re.ReplaceAllString(text, by), nil
		}
		funcs[prefix+"egexReplaceAllLiteral"] = func(expr, text, by string) (string, error) {
			re, err := c.forReplace(expr, text, by)
			if err != nil {
				return "", wrap(expr, err)
			}
			return re.ReplaceAllLiteralString(text, by), nil
		}
	}
	return funcs
}

func (c *regexCache) match(expr, text string) (bool, error) {
	re, err := c.get(expr, text)
	if err != nil {
		return false, err
	}
	return re.MatchString(text), nil
}

// forReplace refuses a replacement that would blow the text up.
func (c *regexCache) forReplace(expr, text, by string) (*compiled, error) {
	re, err := c.get(expr, text)
	if err != nil {
		return nil, err
	}
	groups := strings.Count(by, "$")
	if (len(text)+1)*(len(by)+groups+1) <= c.maxBytes {
		return re, nil
	}
	// Every match costs the replacement, every group at most the whole text.
	matches := len(re.FindAllStringIndex(text, -1))
	if matches*len(by) > c.maxBytes || len(text)*groups > c.maxBytes {
		return nil, fmt.Errorf("%w: %d replacements by %d bytes", ErrTooLarge, matches, len(by))
	}
	return re, nil
}
