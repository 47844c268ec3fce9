#pragma once

#include "fixture.hpp"

#include <support/run_outside.hpp>
#include <support/scoped_environment.hpp>
#include <support/script_folder.hpp>

namespace kusto::test
{

/// Keeps the whole log, and everything that failed, to look for secrets in it. Without any of the
/// variables that credentials read.
class log_fixture : public auth_fixture
{
public:
    log_fixture()
    {
        for (char const* name :
             {"AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET",
              "AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_CLIENT_CERTIFICATE_PASSWORD",
              "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN", "AZURE_USERNAME", "AZURE_PASSWORD",
              "AZURE_FEDERATED_TOKEN_FILE", "AZURE_TOKEN_CREDENTIALS", "AZURE_AUTHORITY_HOST",
              "AadAuthorityUri", "IDENTITY_ENDPOINT", "IDENTITY_HEADER", "MSI_ENDPOINT",
              "MSI_SECRET", "IMDS_ENDPOINT"})
            variables.unset(name);
    }
    ~log_fixture() { BOOST_TEST(!has(everything, "CANARY"), everything); }

    [[nodiscard]] connection_options logged(credential who)
    {
        return connection_options(cluster, std::move(who))
            .log(log_level::trace,
                 [this](log_event const& event) { everything += to_text(event) + '\n'; });
    }
    void make_with(credential who)
    {
        make(logged(std::move(who)));
        expect_metadata().reply(404);
    }
    /// The token, or message and server text of the failure.
    std::string said(result<auth::bearer_token> const& got)
    {
        if (got)
            return std::string(got->value.reveal());
        failed = got.error();
        everything += failed.describe() + failed.message() + failed.server_text() + '\n';
        return failed.message() +
               (failed.server_text().empty() ? "" : " (" + failed.server_text() + ')');
    }
    std::string text() { return said(get()); }
    /// The same for credentials that run programs.
    std::string text_outside()
    {
        return said(
            run_outside(context, provider->get(deadline(time.now() + std::chrono::seconds(60)))));
    }

    scoped_environment variables;
    std::string everything;
    failure failed;
};

/// A program `az` in a directory of its own, first in PATH.
class fake_az
{
public:
    explicit fake_az(std::string const& script)
    {
        folder.write("az", script);
        variables.set("PATH", folder.path());
    }

    script_folder folder;

private:
    scoped_environment variables;
};

} // namespace kusto::test
