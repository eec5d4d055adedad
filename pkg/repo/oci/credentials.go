package oci

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os/exec"
	"strings"
	"sync"

	"oras.land/oras-go/v2/registry/remote/auth"
	"oras.land/oras-go/v2/registry/remote/credentials"

	"github.com/seed-0d4f92cc/pack/internal/filelock"
)

// logins are the files with credentials. They are read when credentials are
// needed, so that nothing is wrong with them for who needs none.
type logins struct {
	file   string
	docker string
	log    *slog.Logger

	mu    sync.Mutex
	store credentials.Store
}

// forHost gives out the credentials of one registry, to nobody else.
func (l *logins) forHost(host string) auth.CredentialFunc {
	return func(ctx context.Context, hostport string) (auth.Credential, error) {
		if hostport != hostOf(host) {
			return auth.EmptyCredential, nil
		}
		return l.get(ctx, credentials.ServerAddressFromHostname(hostport))
	}
}

// hostOf is the host that answers for a registry: Docker's own is called
// docker.io, and another one answers for it.
func hostOf(registry string) string {
	if registry == "docker.io" {
		return "registry-1.docker.io"
	}
	return registry
}

func (l *logins) get(ctx context.Context, server string) (auth.Credential, error) {
	if l.file != "" {
		store, err := l.own()
		if err != nil {
			return auth.EmptyCredential, err
		}
		found, err := store.Get(ctx, server)
		if err != nil {
			return auth.EmptyCredential, unreadable(err, server, l.file)
		}
		if found != auth.EmptyCredential {
			return found, nil
		}
	}
	return l.dockers(ctx, server)
}

// dockers asks Docker's file. It is not ours: what is wrong with it is said, but
// is no reason to fail.
func (l *logins) dockers(ctx context.Context, server string) (auth.Credential, error) {
	if l.docker == "" {
		return auth.EmptyCredential, nil
	}
	store, err := credentials.NewStore(l.docker, credentials.StoreOptions{DetectDefaultNativeStore: true})
	var found auth.Credential
	if err == nil {
		found, err = store.Get(ctx, server)
	}
	if err != nil {
		level := slog.LevelWarn
		if errors.Is(err, exec.ErrNotFound) {
			// Docker's file is often copied to where its helper is not.
			level = slog.LevelDebug
		}
		l.log.Log(ctx, level, "no credentials can be had from Docker's configuration",
			"file", l.docker, "error", unreadable(err, server, l.docker))
		return auth.EmptyCredential, ctx.Err()
	}
	return found, nil
}

// own is the store that Login writes.
func (l *logins) own() (credentials.Store, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.store != nil {
		return l.store, nil
	}
	if l.file == "" {
		return nil, errNoLogins
	}
	store, err := credentials.NewStore(l.file, credentials.StoreOptions{AllowPlaintextPut: true, DetectDefaultNativeStore: true})
	if err != nil {
		return nil, err
	}
	l.store = store
	return store, nil
}

// change changes the logins as they are in the file now, while other processes
// that do so wait.
func (l *logins) change(ctx context.Context, do func(credentials.Store) error) (err error) {
	if l.file == "" {
		return errNoLogins
	}
	unlock, err := filelock.Take(ctx, l.file+".lock")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	l.mu.Lock()
	l.store = nil
	l.mu.Unlock()
	store, err := l.own()
	if err != nil {
		return err
	}
	return do(store)
}

// errNoLogins is what is wrong where there is no file for logins.
var errNoLogins = errors.New("no file is given that logins are kept in")

// unreadable is the error where an entry cannot be read. What oras says of a
// wrong format repeats the entry.
func unreadable(err error, server, file string) error {
	if strings.Contains(err.Error(), "invalid config format") {
		return fmt.Errorf("the login for %s in %s is in no known format: log in again", server, file)
	}
	return err
}
