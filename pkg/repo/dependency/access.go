package dependency

import (
	"fmt"
	"strings"

	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// tlsAccess is the access that was given, without credentials: those are a
// registry's, and nobody knows that they are also this repository's.
func (w *work) tlsAccess() repo.Access {
	a := w.m.cfg.Access
	a.Username, a.Password, a.PassAll = "", "", false
	return a
}

// checkCredentials refuses to send the credentials that were given to more than
// one registry: nobody knows which they belong to.
func (w *work) checkCredentials() error {
	if w.m.cfg.Access.Username == "" && w.m.cfg.Access.Password == "" {
		return nil
	}
	list := w.locked
	if list == nil {
		list = w.declared
	}
	for i, d := range list {
		if w.places[i].kind != inOCI {
			continue
		}
		host, _, _ := strings.Cut(strings.TrimPrefix(d.Repository, repo.OCIScheme), "/")
		host = host[strings.LastIndexByte(host, '@')+1:] // that nobody may stand before it is said later
		if w.shared.host == "" {
			w.shared.host = host
		}
		if host != w.shared.host {
			return fmt.Errorf("a user name and a password are given, and dependencies are in two registries, %s and %s: it is not known which they belong to", w.shared.host, host)
		}
	}
	return nil
}
