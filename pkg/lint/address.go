package lint

import (
	"net/netip"
	"net/url"
	"regexp"
	"strings"
)

// isEmail says whether text is a bare address of mail.
func isEmail(text string) bool {
	const (
		word  = `[^\s@"()<>\[\]:;,\\.]+`
		label = `[\pL\pN_](?:[\pL\pN_-]*[\pL\pN_])?`
		top   = `\pL(?:[\pL\pN-]*\pL)?`
	)
	return regexp.MustCompile(`^` + word + `(?:\.` + word + `)*@(?:` + label + `\.)+` + top + `$`).MatchString(text)
}

// isWebAddress says whether text is the address of a page, with or without its
// scheme: "https://example.com/me" or "example.com/me".
func isWebAddress(text string) bool {
	if address, ok := strings.CutPrefix(text, "mailto:"); ok {
		return isEmail(address)
	}
	full := strings.Contains(text, "://")
	if !full {
		text = "http://" + text
	}
	u, err := url.ParseRequestURI(text)
	if err != nil || u.Hostname() == "" {
		return false
	}
	if _, err := netip.ParseAddr(u.Hostname()); err == nil {
		return true
	}
	const label = `[\pL\pN](?:[\pL\pN-]*[\pL\pN])?`
	if !regexp.MustCompile(`^` + label + `(?:\.` + label + `)*$`).MatchString(u.Hostname()) {
		return false
	}
	// Without a scheme a single word is a name, not an address.
	return full || strings.Contains(u.Hostname(), ".") && u.User == nil
}
