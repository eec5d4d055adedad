// Command registry runs a container registry for tests: the real distribution
// registry, on a free port of this machine, with TLS, client certificates, and
// basic or token authentication where asked. README.md is its manual.
package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/sirupsen/logrus"

	"github.com/seed-0d4f92cc/pack/test/registry/internal/server"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "registry:", err)
		os.Exit(1)
	}
}

// options are the flags.
type options struct {
	server.Config
	onEOF   bool
	verbose bool
}

func (o *options) parse(args []string) error {
	flags := flag.NewFlagSet("registry", flag.ContinueOnError)
	flags.StringVar(&o.Dir, "dir", "", "folder that keeps the content (default: memory)")
	flags.StringVar(&o.State, "state", "", "folder for certificates and keys (default: a fresh temporary one, which is removed at the end)")
	flags.BoolVar(&o.TLS, "tls", false, "serve over TLS, with a certificate by an authority made at the start")
	flags.BoolVar(&o.ClientCert, "client-cert", false, "with --tls: take only clients with a certificate by that authority")
	flags.StringVar(&o.Auth, "auth", "none", "none, basic or token")
	flags.StringVar(&o.User, "user", "user", "who may do everything")
	flags.StringVar(&o.Password, "password", "secret", "the password of --user")
	oauth2 := flags.Bool("oauth2", true, "with --auth token: answer OAuth2 requests (POST) too")
	flags.BoolVar(&o.onEOF, "stop-on-stdin-eof", false, "stop when standard input ends")
	flags.BoolVar(&o.verbose, "verbose", false, "log every request to standard error")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("it takes no arguments, got %q", flags.Args())
	}
	o.NoOAuth2 = !*oauth2
	return nil
}

func run(ctx context.Context, args []string, in io.Reader, out io.Writer) (err error) {
	var o options
	if err := o.parse(args); err != nil {
		return err
	}
	logrus.SetOutput(os.Stderr)
	logrus.SetLevel(logrus.ErrorLevel)
	if o.verbose {
		logrus.SetLevel(logrus.DebugLevel)
	} else {
		logrus.SetOutput(io.Discard)
	}
	if o.State == "" {
		if o.State, err = os.MkdirTemp("", "registry-"); err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(o.State) }()
	}
	if o.onEOF {
		var cancel context.CancelFunc
		ctx, cancel = context.WithCancel(ctx)
		defer cancel()
		go func() {
			// Whatever ends the reading, nobody is there any more.
			_, _ = io.Copy(io.Discard, in)
			cancel()
		}()
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	registry, err := server.New(ctx, o.Config, listener.Addr().String())
	if err != nil {
		return err
	}
	if registry.TLS != nil {
		listener = tls.NewListener(listener, registry.TLS)
	}
	return serve(ctx, listener, registry, out)
}

func serve(ctx context.Context, listener net.Listener, registry *server.Registry, out io.Writer) error {
	srv := &http.Server{Handler: registry.Handler, ReadHeaderTimeout: time.Minute}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(listener) }()
	if err := json.NewEncoder(out).Encode(registry.Info); err != nil {
		return err
	}
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if err := srv.Shutdown(end); err != nil {
		return srv.Close()
	}
	return nil
}
