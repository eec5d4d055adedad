package jsonschema

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// format is a form that texts can have.
type format struct {
	name  string
	check func(string) error
}

// formatNamed returns the format of a name, nil for those that nobody checks.
func formatNamed(name string) *format {
	for _, f := range []format{
		{"regex", checkRegexp},
		{"json-pointer", checkPointer},
		{"relative-json-pointer", checkRelativePointer},
		{"uuid", checkUUID},
		{"duration", checkDuration},
		{"period", checkPeriod},
		{"ipv4", checkIPv4},
		{"ipv6", checkIPv6},
		{"hostname", checkHostname},
		{"email", checkEmail},
		{"date", checkDate},
		{"time", checkTime},
		{"date-time", checkDateTime},
		{"uri", checkURI},
		{"iri", checkURI},
		{"uri-reference", checkURIReference},
		{"iri-reference", checkURIReference},
		{"uri-template", checkURITemplate},
		{"semver", checkSemver},
	} {
		if f.name == name {
			return &f
		}
	}
	return nil
}

// digits counts the digits that a text begins with.
func digits(s string) int {
	return len(s) - len(strings.TrimLeft(s, "0123456789"))
}

func allDigits(s string) bool { return digits(s) == len(s) }

func isAlnum(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
}

// leadingZero says whether a number is written with a zero too many.
func leadingZero(s string) bool { return len(s) > 1 && s[0] == '0' }

// except finds the first character that is not allowed.
func except(s string, allowed func(rune) bool) (rune, bool) {
	for _, r := range s {
		if !allowed(r) {
			return r, true
		}
	}
	return 0, false
}

// checkPointer: RFC 6901.
func checkPointer(s string) error {
	if s == "" {
		return nil
	}
	if s[0] != '/' {
		return errors.New("not starting with /")
	}
	for _, token := range strings.Split(s, "/") {
		if _, ok := unescape(token); !ok {
			return errors.New("~ must be followed by 0 or 1")
		}
	}
	return nil
}

func checkRelativePointer(s string) error {
	n := digits(s)
	if n == 0 {
		return errors.New("must start with non-negative integer")
	}
	if leadingZero(s[:n]) {
		return errors.New("starts with zero")
	}
	if s[n:] == "#" {
		return nil
	}
	return checkPointer(s[n:])
}

// checkUUID: RFC 4122.
func checkUUID(s string) error {
	lengths := []int{8, 4, 4, 4, 12}
	groups := strings.Split(s, "-")
	if len(groups) != len(lengths) {
		return fmt.Errorf("must have %d elements", len(lengths))
	}
	for i, group := range groups {
		if len(group) != lengths[i] {
			return fmt.Errorf("element %d must be %d characters long", i+1, lengths[i])
		}
		bad, found := except(group, func(r rune) bool {
			return r >= '0' && r <= '9' || r >= 'a' && r <= 'f' || r >= 'A' && r <= 'F'
		})
		if found {
			return fmt.Errorf("non-hex character %q", bad)
		}
	}
	return nil
}

func checkIPv4(s string) error {
	groups := strings.Split(s, ".")
	if len(groups) != 4 {
		return errors.New("expected four decimals")
	}
	for _, group := range groups {
		if leadingZero(group) {
			return errors.New("leading zeros")
		}
		n, err := strconv.Atoi(group)
		if err != nil {
			return err
		}
		if n < 0 || n > 255 {
			return errors.New("decimal must be between 0 and 255")
		}
	}
	return nil
}

func checkIPv6(s string) error {
	if !strings.Contains(s, ":") {
		return errors.New("missing colon")
	}
	addr, err := netip.ParseAddr(s)
	if err != nil {
		return err
	}
	if addr.Zone() != "" {
		return errors.New("zone id is not a part of ipv6 address")
	}
	return nil
}

// checkHostname: RFC 1123.
func checkHostname(s string) error {
	s = strings.TrimSuffix(s, ".")
	if len(s) > 253 {
		return errors.New("more than 253 characters long")
	}
	for _, label := range strings.Split(s, ".") {
		switch {
		case label == "" || len(label) > 63:
			return errors.New("label must be 1 to 63 characters long")
		case label[0] == '-':
			return errors.New("label starts with hyphen")
		case label[len(label)-1] == '-':
			return errors.New("label ends with hyphen")
		}
		if bad, found := except(label, func(r rune) bool { return isAlnum(r) || r == '-' }); found {
			return fmt.Errorf("invalid character %q", bad)
		}
	}
	return nil
}

func checkEmail(s string) error {
	if len(s) > 254 {
		return errors.New("more than 255 characters long")
	}
	at := strings.LastIndexByte(s, '@')
	if at < 0 {
		return errors.New("missing @")
	}
	if err := checkMailbox(s[:at]); err != nil {
		return err
	}
	domain := s[at+1:]
	if !strings.HasPrefix(domain, "[") || !strings.HasSuffix(domain, "]") {
		return within("invalid domain", checkHostname(domain))
	}
	address := domain[1 : len(domain)-1]
	if address, ok := strings.CutPrefix(address, "IPv6:"); ok {
		return within("invalid ipv6 address", checkIPv6(address))
	}
	return within("invalid ipv4 address", checkIPv4(address))
}

// checkMailbox checks what stands before the @.
func checkMailbox(s string) error {
	if len(s) > 64 {
		return errors.New("local part more than 64 characters long")
	}
	if len(s) > 1 && s[0] == '"' && s[len(s)-1] == '"' {
		if strings.ContainsAny(s[1:len(s)-1], `\"`) {
			return errors.New("backslash and quote are not allowed within quoted local part")
		}
		return nil
	}
	switch {
	case strings.HasPrefix(s, "."):
		return errors.New("starts with dot")
	case strings.HasSuffix(s, "."):
		return errors.New("ends with dot")
	case strings.Contains(s, ".."):
		return errors.New("consecutive dots")
	}
	allowed := func(r rune) bool { return isAlnum(r) || strings.ContainsRune(".!#$%&'*+-/=?^_`{|}~", r) }
	if bad, found := except(s, allowed); found {
		return fmt.Errorf("invalid character %q", bad)
	}
	return nil
}

// within says of which part an error is.
func within(part string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", part, err)
}

func checkDate(s string) error {
	_, err := time.Parse(time.DateOnly, s)
	return err
}

func parseURL(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil {
		return nil, err
	}
	if host := u.Hostname(); strings.Contains(host, ":") {
		if !strings.Contains(u.Host, "[") || !strings.Contains(u.Host, "]") {
			return nil, errors.New("ipv6 address not enclosed in brackets")
		}
		if err := checkIPv6(host); err != nil {
			return nil, within("invalid ipv6 address", err)
		}
	}
	return u, nil
}

func checkURI(s string) error {
	u, err := parseURL(s)
	if err != nil {
		return err
	}
	if !u.IsAbs() {
		return errors.New("relative url")
	}
	return nil
}

func checkURIReference(s string) error {
	if strings.Contains(s, `\`) {
		return errors.New(`contains \`)
	}
	_, err := parseURL(s)
	return err
}

func checkURITemplate(s string) error {
	u, err := parseURL(s)
	if err != nil {
		return err
	}
	for _, part := range strings.Split(u.RawPath, "/") {
		if part, err = url.PathUnescape(part); err != nil {
			return within("percent decode failed", err)
		}
		open := false
		for _, r := range part {
			if r != '{' && r != '}' {
				continue
			}
			if open == (r == '{') {
				return errors.New("nested curly braces")
			}
			open = !open
		}
		if open {
			return errors.New("no matching closing brace")
		}
	}
	return nil
}
