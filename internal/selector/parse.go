package selector

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// parser reads a selector token by token. A token is a word or one of the
// operators; the empty token is the end.
type parser struct {
	text string
	pos  int
	// start is where the token that next returned begins.
	start int
}

const blanks = " \t\r\n"

func (p *parser) next() string {
	for p.pos < len(p.text) && strings.IndexByte(blanks, p.text[p.pos]) >= 0 {
		p.pos++
	}
	p.start = p.pos
	rest := p.text[p.pos:]
	if rest == "" {
		return ""
	}
	n := strings.IndexAny(rest, blanks+"(),=!<>")
	switch {
	case n < 0:
		n = len(rest)
	case n > 0:
	case strings.HasPrefix(rest, "==") || strings.HasPrefix(rest, "!="):
		n = 2
	default:
		n = 1
	}
	p.pos += n
	return rest[:n]
}

func (p *parser) peek() string {
	pos, start := p.pos, p.start
	t := p.next()
	p.pos, p.start = pos, start
	return t
}

func (p *parser) unexpected(token, want string) error {
	if token == "" {
		return fmt.Errorf("it ends where %s is expected", want)
	}
	return fmt.Errorf("found %q at position %d where %s is expected", token, p.start+1, want)
}

func isWord(token string) bool { return token != "" && !strings.ContainsAny(token[:1], "(),=!<>") }

func (p *parser) key() (string, error) {
	t := p.next()
	if !isWord(t) {
		return "", p.unexpected(t, "a label key")
	}
	for _, r := range t {
		if !isKeyRune(r) {
			return "", fmt.Errorf("label key %q has a character that no key can have: %q", t, r)
		}
	}
	return t, nil
}

func isKeyRune(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./", r)
}

func (p *parser) requirement() (requirement, error) {
	if p.peek() == "!" {
		p.next()
		key, err := p.key()
		return requirement{key: key, op: opNotExists}, err
	}
	key, err := p.key()
	if err != nil {
		return requirement{}, err
	}
	r := requirement{key: key}
	switch t := p.peek(); t {
	case "", ",":
		r.op = opExists
	case "=", "==", "!=":
		r.op = opIn
		if t == "!=" {
			r.op = opNotIn
		}
		p.next()
		r.values, err = p.value()
	case ">", "<":
		r.op = operator(t)
		p.next()
		r.values, err = p.number()
	case "in", "notin":
		r.op = operator(t)
		p.next()
		r.values, err = p.list()
	default:
		p.next()
		err = p.unexpected(t, "an operator")
	}
	return r, err
}

// value reads one value, which may be empty.
func (p *parser) value() ([]string, error) {
	if t := p.peek(); t == "" || t == "," || t == ")" {
		return []string{""}, nil
	}
	t := p.next()
	if !isWord(t) {
		return nil, p.unexpected(t, "a value")
	}
	return []string{t}, nil
}

func (p *parser) number() ([]string, error) {
	t := p.next()
	if _, err := strconv.ParseInt(t, 10, 64); err != nil {
		return nil, p.unexpected(t, "an integer")
	}
	return []string{t}, nil
}

// list reads values in parentheses.
func (p *parser) list() ([]string, error) {
	if t := p.next(); t != "(" {
		return nil, p.unexpected(t, `"("`)
	}
	var values []string
	for {
		v, err := p.value()
		if err != nil {
			return nil, err
		}
		values = append(values, v...)
		switch t := p.next(); t {
		case ",":
		case ")":
			return values, nil
		case "":
			return nil, errors.New(`it ends where "," or ")" is expected`)
		default:
			return nil, p.unexpected(t, `"," or ")"`)
		}
	}
}
