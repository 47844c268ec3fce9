#pragma once

#include <async/transport.hpp>
#include <base/url.hpp>
#include <kusto/error.hpp>
#include <memory>
#include <optional>
#include <string>

namespace kusto::auth
{

/// The proxy inside of an AKS cluster to which tokens are taken instead of the token endpoint
/// (identity bindings), as `AZURE_KUBERNETES_TOKEN_PROXY`, `AZURE_KUBERNETES_SNI_NAME` and
/// `AZURE_KUBERNETES_CA_FILE` or `AZURE_KUBERNETES_CA_DATA` describe it.
class token_proxy
{
public:
    /// Nothing if there is none.
    /// Errors: `errc::invalid_option` naming the variable that is wrong.
    [[nodiscard]] static result<std::optional<token_proxy>> from_environment();

    /// Where to post what is meant for `endpoint`.
    [[nodiscard]] base::url instead_of(base::url const& endpoint) const;

    /// Whom to expect there; null: the usual trust. The file of authorities is read anew; as long
    /// as it does not change, this is the same object. Errors: `errc::invalid_option`, retryable:
    /// the file may be about to be written.
    [[nodiscard]] result<std::shared_ptr<async::tls_peer const>> peer();

private:
    explicit token_proxy(base::url at) : at_(std::move(at)) {}

    base::url at_;
    std::string server_name_;
    std::string ca_data_;
    std::string ca_file_;
    std::shared_ptr<async::tls_peer const> peer_;
};

} // namespace kusto::auth
