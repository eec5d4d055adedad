package jsonschema

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// place is where a schema stands: a document, and a JSON pointer into it.
type place struct{ doc, ptr string }

func (p place) String() string { return p.doc + "#" + encode(p.ptr) }

func (p place) child(tokens ...string) place {
	for _, token := range tokens {
		p.ptr += "/" + escape(token)
	}
	return p
}

// encode writes a JSON pointer as the fragment of a URL.
func encode(ptr string) string {
	if !strings.ContainsFunc(ptr, func(r rune) bool { return !isPlain(r) }) {
		return ptr
	}
	tokens := strings.Split(ptr, "/")
	for i, token := range tokens {
		tokens[i] = url.PathEscape(token)
	}
	return strings.Join(tokens, "/")
}

func isPlain(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '/' || r == '-' || r == '_' || r == '$' || r == '.'
}

// escape writes a key as a part of a JSON pointer.
func escape(key string) string {
	if !strings.ContainsAny(key, "~/") {
		return key
	}
	return strings.ReplaceAll(strings.ReplaceAll(key, "~", "~0"), "/", "~1")
}

// unescape reads a part of a JSON pointer; it reports tildes that stand for
// nothing.
func unescape(token string) (string, bool) {
	if !strings.Contains(token, "~") {
		return token, true
	}
	parts := strings.Split(token, "~")
	for i, part := range parts[1:] {
		switch {
		case strings.HasPrefix(part, "0"):
			parts[i+1] = "~" + part[1:]
		case strings.HasPrefix(part, "1"):
			parts[i+1] = "/" + part[1:]
		default:
			return "", false
		}
	}
	return strings.Join(parts, ""), true
}

// lookup finds what stands at a place of a document.
func (p place) lookup(v any) (any, error) {
	for _, token := range strings.Split(p.ptr, "/")[1:] {
		key, ok := unescape(token)
		if !ok {
			return nil, fmt.Errorf("invalid json-pointer %q", p)
		}
		var found bool
		switch inner := v.(type) {
		case map[string]any:
			v, found = inner[key]
		case []any:
			if i, err := strconv.Atoi(key); err == nil && i >= 0 && i < len(inner) {
				v, found = inner[i], true
			}
		}
		if !found {
			return nil, fmt.Errorf("json-pointer in %q not found", p)
		}
	}
	return v, nil
}

// reference is a URL apart from its fragment, which is a JSON pointer or the
// name of an anchor.
type reference struct{ doc, fragment string }

func (r reference) isAnchor() bool { return r.fragment != "" && r.fragment[0] != '/' }

func splitReference(ref string) (reference, error) {
	doc, fragment, _ := strings.Cut(ref, "#")
	decoded, err := url.PathUnescape(fragment)
	if err != nil {
		return reference{}, parseError(ref, err)
	}
	return reference{doc, decoded}, nil
}

// join resolves a reference against the URL of what it stands in.
func join(base, ref string) (reference, error) {
	split, err := splitReference(ref)
	if err != nil {
		return reference{}, err
	}
	if split.doc == "" {
		split.doc = base
		return split, nil
	}
	from, err := url.Parse(base)
	if err != nil {
		return reference{}, parseError(base, err)
	}
	to, err := url.Parse(split.doc)
	if err != nil {
		return reference{}, parseError(split.doc, err)
	}
	resolved := from.ResolveReference(to)
	if !to.IsAbs() && from.Opaque != "" {
		resolved.Opaque = from.Opaque
	}
	return reference{resolved.String(), split.fragment}, nil
}

func parseError(text string, err error) error {
	return fmt.Errorf("error in parsing %q: %w", text, err)
}
