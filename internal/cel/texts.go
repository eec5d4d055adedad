package cel

import (
	"regexp"
	"strings"
)

// strings are the functions of strings, and join, which is one of lists.
func (e *evaluation) strings(n *call, args []any) (any, bool, error) {
	if list, ok := args[0].([]any); ok && n.name == "join" {
		return e.join(n, list, args[1:])
	}
	texts := make([]string, len(args))
	bytes := 0
	for i, arg := range args {
		s, ok := arg.(string)
		if !ok {
			return nil, false, nil
		}
		texts[i] = s
		bytes += len(s)
	}
	if err := e.spend(n, 0, bytes); err != nil {
		return nil, false, err
	}
	s := texts[0]
	switch n.name {
	case "contains":
		return strings.Contains(s, texts[1]), true, nil
	case "startsWith":
		return strings.HasPrefix(s, texts[1]), true, nil
	case "endsWith":
		return strings.HasSuffix(s, texts[1]), true, nil
	case "matches":
		return e.matches(n, s, texts[1])
	case "lowerAscii":
		return mapASCII(s, 'A', 'Z', 'a'-'A'), true, nil
	case "upperAscii":
		return mapASCII(s, 'a', 'z', 'A'-'a'), true, nil
	case "trim":
		return strings.TrimSpace(s), true, nil
	case "split":
		return e.split(n, s, texts[1])
	case "replace":
		return e.replace(n, s, texts[1], texts[2])
	}
	return nil, false, nil
}

// matches charges for the text once for every part of the pattern.
func (e *evaluation) matches(n *call, s, pattern string) (any, bool, error) {
	if err := e.spend(n, len(pattern), len(s)*(1+len(pattern)/4)); err != nil {
		return nil, false, err
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, false, &at{n.where(), err}
	}
	return re.MatchString(s), true, nil
}

func mapASCII(s string, from, to byte, by int) string {
	b := []byte(s)
	for i, c := range b {
		if c >= from && c <= to {
			b[i] = byte(int(c) + by)
		}
	}
	return string(b)
}

func (e *evaluation) split(n *call, s, by string) (any, bool, error) {
	if err := e.spend(n, len(s), 0); err != nil {
		return nil, false, err
	}
	parts := strings.Split(s, by)
	out := make([]any, len(parts))
	for i, part := range parts {
		out[i] = part
	}
	return out, true, nil
}

func (e *evaluation) replace(n *call, s, old, with string) (any, bool, error) {
	if err := e.spend(n, 0, len(s)+strings.Count(s, old)*len(with)); err != nil {
		return nil, false, err
	}
	return strings.ReplaceAll(s, old, with), true, nil
}

func (e *evaluation) join(n *call, list, args []any) (any, bool, error) {
	by := ""
	if len(args) > 0 {
		var ok bool
		if by, ok = args[0].(string); !ok {
			return nil, false, nil
		}
	}
	parts := make([]string, len(list))
	bytes := 0
	for i, v := range list {
		s, ok := v.(string)
		if !ok {
			return nil, false, nil
		}
		parts[i] = s
		bytes += len(s) + len(by)
	}
	if err := e.spend(n, len(list), bytes); err != nil {
		return nil, false, err
	}
	return strings.Join(parts, by), true, nil
}
