#include <kusto/options.hpp>

#include <algorithm>
#include <base/ascii.hpp>
#include <base/endpoint_url.hpp>
#include <base/percent.hpp>
#include <base/small_file.hpp>
#include <filesystem>
#include <options/checks.hpp>
#include <options/credential_data.hpp>
#include <options/proxy_data.hpp>
#include <options/tls_certificate_data.hpp>

namespace kusto
{

namespace
{

using options::problem_list;

void check_url(problem_list& problems, std::string_view name, std::string const& text)
{
    auto const parsed = base::parse_endpoint(text);
    if (!parsed)
        problems.add(std::string(name), options::shown_url(text),
                     "an https URL: " + parsed.error().message());
}

void check_ca_file(problem_list& problems, std::string const& path)
{
    auto const content = base::read_ca_file(path);
    if (!content)
        problems.add("ca_file", options::shown_text(path),
                     "a PEM file that can be read: " + content.error().message());
}

void check_certificates(problem_list& problems, connection_options const& given)
{
    if (!given.ca_file().empty() && !given.ca_pem().empty())
        problems.add("ca_file", options::shown_text(given.ca_file()),
                     "either ca_file or ca_pem, not both");
    if (!given.ca_directory().empty() && !(given.ca_file().empty() && given.ca_pem().empty()))
        problems.add("ca_directory", options::shown_text(given.ca_directory()),
                     "either ca_directory or ca_file or ca_pem, not several of them");
    if (!given.ca_file().empty())
        check_ca_file(problems, given.ca_file());
    if (!given.ca_pem().empty() &&
        given.ca_pem().find("-----BEGIN CERTIFICATE-----") == std::string::npos)
        problems.add("ca_pem", std::to_string(given.ca_pem().size()) + " bytes",
                     "certificates in PEM form (-----BEGIN CERTIFICATE-----)");
    std::error_code unreadable;
    if (!given.ca_directory().empty())
        std::filesystem::directory_iterator(given.ca_directory(), unreadable);
    if (unreadable)
        problems.add("ca_directory", options::shown_text(given.ca_directory()),
                     "a directory that can be read (" + unreadable.message() + ")");
}

void check_tls(problem_list& problems, connection_options const& given)
{
    if (given.minimum_tls() != tls_version::v1_2 && given.minimum_tls() != tls_version::v1_3)
        problems.add("minimum_tls", std::to_string(static_cast<int>(given.minimum_tls())),
                     "tls_version::v1_2 or tls_version::v1_3");
    auto const* const own = given.tls_certificate();
    if (own != nullptr && !own->path.empty())
    {
        auto const content = base::read_small_file(own->path, detail::tls_certificate_data::limit);
        if (!content)
            problems.add("tls_certificate", options::shown_text(own->path),
                         "a file with a certificate and its key, PEM or PFX: " +
                             content.error().message());
    }
    else if (own != nullptr && own->content.empty())
        problems.add("tls_certificate", "empty", "a certificate and its key, PEM or PFX");
    for (auto& problem : options::choose_proxy(given.proxy()).problems)
        problems.add(std::move(problem.name), std::move(problem.value), std::move(problem.allowed));
}

bool is_ipv6(std::string_view text)
{
    auto const parsed = base::url::parse("https://[" + std::string(text) + "]/");
    return parsed && parsed->host() == base::to_lower(text);
}

bool is_host_rule(std::string_view text)
{
    bool const suffix = text.starts_with('.');
    auto const name = suffix ? text.substr(1) : text;
    if (name.empty() || name.size() > 253 || name.front() == '.' || name.back() == '.' ||
        name.find("..") != std::string_view::npos)
        return false;
    // With a port it would never match: hosts are compared without theirs.
    if (name.find(':') != std::string_view::npos)
        return !suffix && is_ipv6(name);
    // A suffix of one label would trust a whole top-level domain.
    if (suffix && name.find('.') == std::string_view::npos)
        return false;
    return std::all_of(name.begin(), name.end(),
                       [](char c)
                       {
                           return base::is_letter(c) || base::is_digit(c) || c == '-' || c == '.' ||
                                  c == '_';
                       });
}

void check_trusted_hosts(problem_list& problems, std::vector<std::string> const& hosts)
{
    for (auto const& host : hosts)
    {
        if (!is_host_rule(host))
            problems.add("trust_host", options::shown_url(host),
                         "a host such as kusto.example.org, or a suffix of two labels or more such "
                         "as .example.org; no scheme, no port; an IPv6 address without brackets");
    }
}

void check_credential(problem_list& problems, connection_options const& given)
{
    // Who writes a connection string has never heard of `who`.
    std::string const usable =
        "a usable credential, from connection_options::who or the connection string: ";
    for (auto const& sentence : given.who().problems())
        problems.add("who", given.who().describe(), usable + sentence);
    bool const without = std::holds_alternative<detail::no_credential>(given.who().data().what);
    auto const cluster = base::parse_endpoint(given.cluster_url());
    if (without && cluster && !cluster->is_loopback())
        problems.add("who", given.who().describe(),
                     usable + "only loopback hosts work without (`AAD Federated Security=true` in "
                              "a connection string is the default chain)");
}

void check_tracing(problem_list& problems, std::string_view name, std::string const& value)
{
    constexpr std::size_t longest = 256;
    if (value.size() > longest)
        problems.add(std::string(name), options::shown_text(value), "at most 256 bytes");
}

void check_log(problem_list& problems, connection_options const& given)
{
    auto const level = given.least_log_level();
    if (level < log_level::trace || level > log_level::off)
        problems.add("log", std::to_string(static_cast<int>(level)), "a log_level");
    else if (level != log_level::off && !given.log_to())
        problems.add("log", std::string(to_string(level)) + " without a function",
                     "a level with a function to call, or off");
}

/// The default database that a URL names: its path, if that is one segment.
std::optional<std::string> database_in(base::url const& cluster)
{
    auto const segment = std::string_view(cluster.path()).substr(1);
    if (segment.empty() || segment.find('/') != std::string_view::npos)
        return std::nullopt;
    return base::percent_decode(segment);
}

} // namespace

connection_options::connection_options(std::string cluster_url, credential who)
    : cluster_url_(std::move(cluster_url)),
      who_(std::move(who))
{
    auto const parsed = base::parse_endpoint(cluster_url_);
    auto const database = parsed ? database_in(*parsed) : std::nullopt;
    if (!database)
        return;
    default_database_ = *database;
    cluster_url_ = parsed->with_target("/").without_query();
    cluster_url_.pop_back();
}

connection_options& connection_options::tls_certificate(certificate_source value)
{
    auto data = std::make_shared<detail::tls_certificate_data>();
    data->path = value.path();
    data->content = base::secret(value.content());
    data->password = base::secret(value.password());
    tls_certificate_ = std::move(data);
    return *this;
}

std::vector<option_problem> connection_options::problems() const
{
    using std::chrono::hours;
    using std::chrono::milliseconds;
    using std::chrono::minutes;
    using std::chrono::seconds;
    problem_list problems;
    check_url(problems, "cluster_url", cluster_url_);
    if (!ingestion_url_.empty())
        check_url(problems, "ingestion_url", ingestion_url_);
    check_credential(problems, *this);
    problems.check_name("default_database", default_database_);
    if (!authority_host_.empty())
        check_url(problems, "authority_host", authority_host_);
    check_certificates(problems, *this);
    check_tls(problems, *this);
    check_trusted_hosts(problems, trusted_hosts_);
    check_tracing(problems, "application_name", application_name_);
    check_tracing(problems, "application_version", application_version_);
    check_tracing(problems, "user_name", user_name_);
    check_tracing(problems, "client_version", client_version_);
    problems.check_range("connect_timeout", connect_timeout_, milliseconds(100), minutes(5));
    problems.check_range("request_timeout", request_timeout_, milliseconds(100), hours(1));
    problems.check_range("idle_connections", idle_connections_, 0, 1024);
    problems.check_range("idle_timeout", idle_timeout_, seconds(1), minutes(10));
    problems.check_retry(retry_);
    check_log(problems, *this);
    return problems.take();
}

} // namespace kusto
