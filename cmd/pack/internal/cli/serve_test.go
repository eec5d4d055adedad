package cli_test

import (
	"encoding/pem"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// cmdServe is the script command
//
//	serve [-tls] [-auth USER:PASSWORD] [-redirect URL] [-log FILE] VARIABLE FOLDER
//
// It serves a folder by HTTP until the script ends and puts the server's URL into
// the variable. With -tls the server's certificate authority is put into the file
// that $VARIABLE_CA names. -redirect sends whoever asks for an archive there.
// Requests are noted in the file of -log: method, path and user, if one is told.
func cmdServe(ts *testscript.TestScript, neg bool, args []string) {
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	secure := flags.Bool("tls", false, "")
	auth := flags.String("auth", "", "")
	redirect := flags.String("redirect", "", "")
	log := flags.String("log", "", "")
	if err := flags.Parse(args); err != nil || neg || flags.NArg() != 2 {
		ts.Fatalf("usage: serve [-tls] [-auth USER:PASSWORD] [-redirect URL] [-log FILE] VARIABLE FOLDER")
	}
	variable, dir := flags.Arg(0), ts.MkAbs(flags.Arg(1))
	files := http.FileServer(http.Dir(dir))
	logFile := ""
	if *log != "" {
		logFile = ts.MkAbs(*log)
	}
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, told := r.BasicAuth()
		note(logFile, r.Method+" "+r.URL.Path+" "+user+"\n")
		switch {
		case *auth != "" && (!told || user+":"+password != *auth):
			w.WriteHeader(http.StatusUnauthorized)
		case *redirect != "" && strings.Contains(r.URL.Path, ".tgz"):
			http.Redirect(w, r, *redirect+r.URL.Path, http.StatusFound)
		default:
			files.ServeHTTP(w, r)
		}
	})
	srv := httptest.NewUnstartedServer(handler)
	if *secure {
		srv.StartTLS()
		path := ts.MkAbs(variable + "-ca.pem")
		data := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw})
		ts.Check(os.WriteFile(path, data, 0o600))
		ts.Setenv(variable+"_CA", path)
	} else {
		srv.Start()
	}
	ts.Defer(srv.Close)
	ts.Setenv(variable, srv.URL)
}

// note adds a line to a file, if there is one to add to.
func note(path, line string) {
	if path == "" {
		return
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return
	}
	_, _ = f.WriteString(line)
	_ = f.Close()
}
