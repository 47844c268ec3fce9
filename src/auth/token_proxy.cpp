#include <auth/token_proxy.hpp>

#include <algorithm>
#include <base/ascii.hpp>
#include <base/environment.hpp>
#include <base/small_file.hpp>

namespace kusto::auth
{

namespace
{

constexpr char const* proxy_variable = "AZURE_KUBERNETES_TOKEN_PROXY";
constexpr char const* name_variable = "AZURE_KUBERNETES_SNI_NAME";
constexpr char const* file_variable = "AZURE_KUBERNETES_CA_FILE";
constexpr char const* data_variable = "AZURE_KUBERNETES_CA_DATA";

failure bad(std::string message)
{
    return failure(errc::invalid_option, stage::token, std::move(message));
}

bool holds_certificate(std::string_view pem)
{
    return pem.find("-----BEGIN CERTIFICATE-----") != std::string_view::npos;
}

bool is_host_name(std::string_view text)
{
    return text.size() <= 253 &&
           std::all_of(text.begin(), text.end(),
                       [](char c)
                       { return base::is_letter(c) || base::is_digit(c) || c == '.' || c == '-'; });
}

result<base::url> parse_proxy(std::string const& text)
{
    auto const parsed = base::url::parse(text);
    std::string const name(proxy_variable);
    if (!parsed)
        return bad(name + ": " + parsed.error().message());
    if (!parsed->is_https() || text.find_first_of("?#") != std::string::npos)
        return bad(name + " must be an https URL without query and fragment");
    return *parsed;
}

} // namespace

result<std::optional<token_proxy>> token_proxy::from_environment()
{
    auto const at = base::environment_variable(proxy_variable);
    auto server_name = base::environment_variable(name_variable);
    auto ca_file = base::environment_variable(file_variable);
    auto ca_data = base::environment_variable(data_variable);
    bool const has_details = !server_name.empty() || !ca_file.empty() || !ca_data.empty();
    if (at.empty() && has_details)
        return bad(std::string(name_variable) + ", " + file_variable + " or " + data_variable +
                   " is set, but not " + proxy_variable + "; set all that belong together or none");
    if (at.empty())
        return std::optional<token_proxy>();
    auto const url = parse_proxy(at);
    if (!url)
        return url.error();
    if (!ca_file.empty() && !ca_data.empty())
        return bad(std::string(file_variable) + " and " + data_variable +
                   " are both set; set one of them");
    if (!ca_data.empty() && !holds_certificate(ca_data))
        return bad(std::string(data_variable) + " holds no certificate in PEM");
    if (!is_host_name(server_name))
        return bad(std::string(name_variable) + " is not a host name");
    token_proxy made(*url);
    made.server_name_ = std::move(server_name);
    made.ca_data_ = std::move(ca_data);
    made.ca_file_ = std::move(ca_file);
    return std::optional<token_proxy>(std::move(made));
}

base::url token_proxy::instead_of(base::url const& endpoint) const
{
    auto path = at_.path();
    while (path.ends_with('/'))
        path.pop_back();
    return at_.with_target(path + endpoint.path(), endpoint.query());
}

result<std::shared_ptr<async::tls_peer const>> token_proxy::peer()
{
    constexpr std::size_t longest = std::size_t(1) << 20;
    auto made = std::make_shared<async::tls_peer>();
    made->server_name = server_name_;
    made->ca_pem = ca_data_;
    if (!ca_file_.empty())
    {
        auto const content = base::read_small_file(ca_file_, longest);
        if (!content)
            return content.error().retryable(true);
        if (!holds_certificate(content->reveal()))
            return bad("the file " + ca_file_ + " (" + file_variable +
                       ") holds no certificate in PEM")
                .retryable(true);
        made->ca_pem = std::string(content->reveal());
    }
    bool const usual = made->server_name.empty() && made->ca_pem.empty();
    if (!usual && (!peer_ || peer_->ca_pem != made->ca_pem))
        peer_ = std::move(made);
    return peer_;
}

} // namespace kusto::auth
