package oci

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"oras.land/oras-go/v2/registry/remote"
	"oras.land/oras-go/v2/registry/remote/auth"
	"oras.land/oras-go/v2/registry/remote/credentials"

	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// Login asks a registry whether it takes the user and the password in access,
// and keeps them if it does. Without a user the password is an identity token.
// What was kept before stays if the registry refuses.
func (c *Client) Login(ctx context.Context, host string, access repo.Access) error {
	if err := checkHost(host); err != nil {
		return err
	}
	registry, err := remote.NewRegistry(host)
	if err != nil {
		return err
	}
	if access.Password == "" {
		return errors.New("a login needs a password or a token")
	}
	// What is wrong with the file is said before anything is asked.
	if _, err := c.logins.own(); err != nil {
		return err
	}
	registry.PlainHTTP = access.PlainHTTP
	cred, err := c.accepted(ctx, registry, access)
	if err != nil {
		return Tidy(fmt.Errorf("authenticating to %q: %w", host, err))
	}
	err = c.logins.change(ctx, func(store credentials.Store) error { return store.Put(ctx, serverOf(host), cred) })
	if err != nil {
		return fmt.Errorf("the login for %s cannot be kept: %w", host, err)
	}
	c.forget()
	return nil
}

// checkHost says what is wrong with the address of a registry: logins are kept
// under it, and it is shown.
func checkHost(host string) error {
	if at := strings.LastIndexByte(host, '@'); at >= 0 {
		return fmt.Errorf("invalid registry %q: a user or a password cannot stand in its address", host[at+1:])
	}
	if host == "" || strings.ContainsFunc(host, func(r rune) bool { return r == ' ' || !unicode.IsPrint(r) }) {
		return fmt.Errorf("invalid registry %q: that is no host", host)
	}
	return nil
}

// accepted finds the form of the credentials that the registry takes: by OAuth2
// first, and then in the way of older token servers and of basic authentication.
func (c *Client) accepted(ctx context.Context, registry *remote.Registry, access repo.Access) (auth.Credential, error) {
	tries := []struct {
		cred   auth.Credential
		oauth2 bool
	}{
		{auth.Credential{Username: access.Username, Password: access.Password}, true},
		{auth.Credential{Username: access.Username, Password: access.Password}, false},
	}
	if access.Username == "" {
		tries[0].cred = auth.Credential{RefreshToken: access.Password}
	}
	var err error
	for _, try := range tries {
		var session *auth.Client
		c.mu.Lock()
		session, err = c.newSession(access)
		c.mu.Unlock()
		if err != nil {
			return auth.EmptyCredential, err
		}
		session.ForceAttemptOAuth2 = try.oauth2
		session.Credential = auth.StaticCredential(registry.Reference.Registry, try.cred)
		registry.Client = session
		if err = registry.Ping(ctx); err == nil || ctx.Err() != nil {
			return try.cred, err
		}
	}
	return auth.EmptyCredential, err
}

// Logout removes the login for a registry. That there is none is no error.
func (c *Client) Logout(ctx context.Context, host string) error {
	if err := checkHost(host); err != nil {
		return err
	}
	err := c.logins.change(ctx, func(store credentials.Store) error {
		return store.Delete(ctx, credentials.ServerAddressFromRegistry(host))
	})
	if err != nil {
		return fmt.Errorf("failed to delete the credential for %s: %w", host, err)
	}
	c.forget()
	return nil
}

// serverOf is the name that a login is kept under. Docker's own registry has a
// name of old there.
func serverOf(host string) string {
	return credentials.ServerAddressFromHostname(credentials.ServerAddressFromRegistry(host))
}

// forget drops the tokens of before.
func (c *Client) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.sessions)
}
