package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"

	"golang.org/x/crypto/bcrypt"

	"github.com/distribution/distribution/v3/configuration"
	// The parts of the registry that the configuration names.
	_ "github.com/distribution/distribution/v3/registry/auth/htpasswd"
	_ "github.com/distribution/distribution/v3/registry/auth/token"
	"github.com/distribution/distribution/v3/registry/handlers"
	_ "github.com/distribution/distribution/v3/registry/storage/driver/filesystem"
	_ "github.com/distribution/distribution/v3/registry/storage/driver/inmemory"
)

// service is what tokens are for.
const service = "registry"

// handler is the registry, and the token server beside it.
func (o *options) handler(ctx context.Context, address string) (http.Handler, error) {
	config := &configuration.Configuration{Version: configuration.CurrentVersion}
	config.Log.AccessLog.Disabled = true
	config.Log.Level = configuration.Loglevel("error")
	config.HTTP.Secret = "no secret: one process"
	config.Catalog.MaxEntries = 1000
	config.Storage = configuration.Storage{
		"inmemory": configuration.Parameters{},
		"delete":   configuration.Parameters{"enabled": true},
	}
	if o.dir != "" {
		config.Storage = configuration.Storage{
			"filesystem": configuration.Parameters{"rootdirectory": o.dir},
			"delete":     configuration.Parameters{"enabled": true},
		}
	}
	mux := http.NewServeMux()
	switch o.auth {
	case "none":
	case "basic":
		path, err := o.htpasswd()
		if err != nil {
			return nil, err
		}
		config.Auth = configuration.Auth{"htpasswd": configuration.Parameters{"realm": "test", "path": path}}
	case "token":
		tokens, err := newTokenServer(o)
		if err != nil {
			return nil, err
		}
		scheme := "http"
		if o.tls {
			scheme = "https"
		}
		config.Auth = configuration.Auth{"token": configuration.Parameters{
			"realm": scheme + "://" + address + "/token", "service": service, "issuer": issuer, "jwks": tokens.jwks,
		}}
		mux.Handle("/token", tokens)
	default:
		return nil, fmt.Errorf("--auth %q: not one of none, basic, token", o.auth)
	}
	mux.Handle("/", handlers.NewApp(ctx, config))
	return mux, nil
}

// htpasswd writes the file with the one user.
func (o *options) htpasswd() (string, error) {
	hash, err := bcrypt.GenerateFromPassword([]byte(o.password), bcrypt.MinCost)
	if err != nil {
		return "", err
	}
	path := filepath.Join(o.state, "htpasswd")
	return path, os.WriteFile(path, fmt.Appendf(nil, "%s:%s\n", o.user, hash), 0o600)
}
