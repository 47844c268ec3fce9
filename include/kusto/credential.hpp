#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace kusto
{

/// A bearer token and the time at which it stops being valid.
///
/// \par Thread safety
/// A value type.
class access_token
{
public:
    access_token() = default;
    access_token(std::string value, std::chrono::system_clock::time_point expires_on,
                 std::chrono::system_clock::time_point refresh_on = {});

    /// The token itself. A secret: it is never printed by the library.
    std::string value;
    /// The end of its validity.
    std::chrono::system_clock::time_point expires_on;
    /// When the issuer suggests to renew it; the epoch if it suggests nothing.
    std::chrono::system_clock::time_point refresh_on;
};

/// What a token is wanted for.
class token_request
{
public:
    token_request(std::string scope, std::string authority_host, std::string claims = {});

    /// For example `https://kusto.kusto.windows.net/.default`.
    std::string scope;
    /// Login endpoint of the cluster's cloud, for example `https://login.microsoftonline.com`.
    std::string authority_host;
    /// JSON text that the service demands to be sent as `claims` (a claims challenge, as after a
    /// token was revoked); mostly empty. A token that was cached before must not be returned then.
    std::string claims;
};

/// A coroutine of the user's that obtains a token. It may throw; what it throws is reported as
/// `errc::authentication_failed`, and as something that passes: sinks try again. For a refusal that
/// stays throw a `kusto::error` whose failure is not `retryable()`; for "not available here", so
/// that a chain goes on, one with `errc::credential_unavailable`. The text of what is thrown is shown
/// without the token that was returned before, and without what looks like a token or follows a word
/// such as `client_secret=`; other secrets must not be in it. The callback is called on the client's
/// strand, never twice at a time, and again in the background before the token expires. It must
/// react to terminal cancellation: it is cancelled when it takes longer than 100 s, and while it
/// runs nobody else gets a token.
using token_callback =
    std::function<boost::asio::awaitable<access_token>(token_request request)>;

/// Which managed identity is meant. At most one of the three kinds of id; client id and object id
/// are both GUIDs and not interchangeable.
///
/// \par Thread safety
/// A value type.
class identity_id
{
public:
    enum class kind
    {
        system,   ///< the one that was assigned by the system
        client,   ///< client (application) id, a GUID
        object,   ///< object (principal) id, a GUID
        resource, ///< `/subscriptions/.../userAssignedIdentities/name`
    };

    [[nodiscard]] static identity_id system() { return identity_id(kind::system, {}); }
    [[nodiscard]] static identity_id client(std::string id)
    {
        return identity_id(kind::client, std::move(id));
    }
    [[nodiscard]] static identity_id object(std::string id)
    {
        return identity_id(kind::object, std::move(id));
    }
    [[nodiscard]] static identity_id resource(std::string id)
    {
        return identity_id(kind::resource, std::move(id));
    }

    [[nodiscard]] kind what() const noexcept { return kind_; }
    [[nodiscard]] std::string const& value() const noexcept { return value_; }

private:
    identity_id(kind what, std::string value) : kind_(what), value_(std::move(value)) {}

    kind kind_;
    std::string value_;
};

/// A certificate with its private key, from a file or from memory, as PEM or PKCS#12 (PFX).
///
/// PEM: blocks in any order, at least one `CERTIFICATE` and exactly one private key (`PRIVATE KEY`,
/// `RSA PRIVATE KEY` or, with a password, `ENCRYPTED PRIVATE KEY`). The certificate that belongs to
/// the key is the leaf, the others are its chain. The key must be RSA of 2048 bits or more.
///
/// A file is read when the options are checked, and again before a token is requested when it has
/// changed since; a new version that cannot be used is a warning, and the old one stays.
///
/// Content and password are wiped when an object ends.
///
/// \par Thread safety
/// A value type.
class certificate_source
{
public:
    certificate_source(certificate_source const& other);
    certificate_source(certificate_source&& other) noexcept;
    certificate_source& operator=(certificate_source other) noexcept;
    ~certificate_source();

    [[nodiscard]] static certificate_source file(std::string path)
    {
        certificate_source made;
        made.path_ = std::move(path);
        return made;
    }
    /// \param content  PEM text, or the bytes of a PFX file. A secret.
    [[nodiscard]] static certificate_source memory(std::string content)
    {
        certificate_source made;
        made.content_ = std::move(content);
        return made;
    }

    /// Of the private key or the PFX file. A secret. Default: none.
    certificate_source& password(std::string value);
    /// Sends the certificate and its chain along (`x5c`), for applications that are registered with
    /// subject name and issuer instead of a thumbprint. Default false.
    certificate_source& send_chain(bool value)
    {
        send_chain_ = value;
        return *this;
    }

    [[nodiscard]] std::string const& path() const noexcept { return path_; }
    [[nodiscard]] std::string const& content() const noexcept { return content_; }
    [[nodiscard]] std::string const& password() const noexcept { return password_; }
    [[nodiscard]] bool send_chain() const noexcept { return send_chain_; }

private:
    certificate_source() = default;

    std::string path_;
    std::string content_;
    std::string password_;
    bool send_chain_ = false;
};

/// What a person must do to sign in with a device code.
class device_prompt
{
public:
    device_prompt(std::string message, std::string user_code, std::string verification_url)
        : message(std::move(message)),
          user_code(std::move(user_code)),
          verification_url(std::move(verification_url))
    {
    }

    std::string message; ///< the issuer's sentence that tells what to do
    std::string user_code;
    std::string verification_url;
};

/// Shows the prompt; called on the client's strand, once for each code. It must not block for long.
/// What it throws ends the sign-in.
using device_prompt_function = std::function<void(device_prompt const& prompt)>;

namespace detail
{
struct credential_data;
} // namespace detail

/// How the client proves who it is.
///
/// A cheap handle; copies share one immutable description. Secrets are kept in memory only and are
/// never printed: there is no `operator<<`, and `describe()` leaves them out. Nothing is requested
/// before a client needs a token. Environment variables are read when a client is made, except for
/// those that the hosts change while a process runs (`IDENTITY_HEADER`); an empty one counts as
/// not set.
///
/// \par Errors
/// Bad values are reported when the options that hold the credential are validated. When a token is
/// obtained: `errc::authentication_failed` with the service's code and the remedy,
/// `errc::credential_unavailable` when it is not configured or not there on this machine; those of
/// the network. Each names the credential.
///
/// \par Thread safety
/// Distinct and shared objects: safe.
class credential
{
public:
    /// No credential: requests carry no `Authorization`. Only allowed for loopback hosts.
    [[nodiscard]] static credential none();

    /// An application (service principal) of Microsoft Entra ID with its client secret.
    /// \param client_id  application id, a GUID
    /// \param client_secret  its secret; not empty, no control characters, no blanks at its ends
    /// \param tenant_id  directory id or verified domain name, for example `contoso.onmicrosoft.com`;
    ///        `adfs` for AD FS
    [[nodiscard]] static credential client_secret(std::string client_id, std::string client_secret,
                                                  std::string tenant_id);

    /// An application with a certificate: the client signs an assertion for each request (PS256,
    /// `x5t#S256`; RS256 and `x5t` for AD FS).
    [[nodiscard]] static credential client_certificate(std::string client_id,
                                                       certificate_source certificate,
                                                       std::string tenant_id);

    /// Workload identity federation (AKS and what is compatible): a token that the platform keeps in
    /// a file is exchanged. The file is read anew for each request. What is empty comes from
    /// `AZURE_CLIENT_ID`, `AZURE_TENANT_ID`, `AZURE_FEDERATED_TOKEN_FILE`.
    [[nodiscard]] static credential workload_identity(std::string client_id = {},
                                                      std::string tenant_id = {},
                                                      std::string token_file = {});

    /// The identity of the Azure resource that the program runs on: virtual machine, App Service,
    /// Functions, Container Apps, Service Fabric, Azure Arc, Azure ML, Cloud Shell. The kind of host
    /// is recognised by its environment variables.
    [[nodiscard]] static credential managed_identity(identity_id id = identity_id::system());

    /// The account that `az login` signed in, for developers' machines. Starts `az`, without a
    /// shell, and kills it when it takes longer than 13 s.
    /// \param tenant_id  empty: the account's own
    /// \param subscription  name or id; empty: the current one
    [[nodiscard]] static credential azure_cli(std::string tenant_id = {},
                                              std::string subscription = {});

    /// A person signs in on another device, for tools. The refresh token is kept in memory, so that
    /// this is asked once for each client.
    /// \param tenant_id  empty: `organizations`; not `adfs`
    /// \param client_id  empty: the application that the cluster names for this
    [[nodiscard]] static credential device_code(device_prompt_function show,
                                                std::string tenant_id = {},
                                                std::string client_id = {});

    /// A token that somebody else obtained. When the service refuses it, that is final.
    [[nodiscard]] static credential static_token(std::string token);

    /// A coroutine that returns tokens.
    [[nodiscard]] static credential callback(token_callback get_token);

    /// What the environment variables say: `AZURE_TENANT_ID`, `AZURE_CLIENT_ID` and
    /// `AZURE_CLIENT_SECRET`, or `AZURE_CLIENT_CERTIFICATE_PATH` (with
    /// `AZURE_CLIENT_CERTIFICATE_PASSWORD`, `AZURE_CLIENT_SEND_CERTIFICATE_CHAIN`).
    [[nodiscard]] static credential environment();

    /// Tries `links` in turn. A link that is unavailable is passed over; one that the service
    /// refuses ends it, since to hide a wrong secret behind "run az login" helps nobody. When all are
    /// unavailable, the failure has a line for each.
    /// \param links  at least one; no chain and not `none`
    /// \param remember  keeps to the first link that worked (default), as long as the client lives
    [[nodiscard]] static credential chain(std::vector<credential> links, bool remember = true);

    /// The chain that suits a program everywhere: environment, workload identity, managed identity
    /// (which is given a second to show that it is there), Azure CLI. `AZURE_CLIENT_ID` also selects
    /// the managed identity. `AZURE_TOKEN_CREDENTIALS` narrows it: `prod` (without the Azure CLI),
    /// `dev` (only that), or the name of one: `EnvironmentCredential`,
    /// `WorkloadIdentityCredential`, `ManagedIdentityCredential`, `AzureCliCredential`.
    [[nodiscard]] static credential default_chain();

    /// A sentence without secrets, for example `client secret of application 0f1e...`.
    [[nodiscard]] std::string describe() const;

    /// Problems with the values, one sentence each; empty if there are none. Reads certificate files.
    [[nodiscard]] std::vector<std::string> problems() const;

    [[nodiscard]] detail::credential_data const& data() const noexcept { return *data_; }

private:
    explicit credential(std::shared_ptr<detail::credential_data const> data);
    std::shared_ptr<detail::credential_data const> data_;
};

} // namespace kusto
