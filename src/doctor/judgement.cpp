#include <doctor/verdict.hpp>

#include <algorithm>
#include <array>
#include <auth/amended.hpp>
#include <doctor/clean_text.hpp>
#include <doctor/refusal.hpp>
#include <net/route.hpp>
#include <net/tls_fault.hpp>
#include <optional>
#include <span>
#include <utility>

namespace kusto::doctor
{

namespace
{

struct judgement
{
    errc code;
    check_trouble trouble;
    std::string_view remedy;
};

using enum check_trouble;

constexpr std::array all_codes{
    judgement{errc::invalid_option, configuration, "correct the option that is named"},
    judgement{errc::invalid_connection_string, configuration,
              "correct the keyword that is named in the connection string"},
    judgement{errc::invalid_url, configuration,
              "correct the URL: https://CLUSTER.REGION.kusto.windows.net; http is for loopback "
              "hosts only"},
    judgement{errc::untrusted_endpoint, configuration,
              "look for a typing error in the URL; if the host is yours and may get your tokens, "
              "trust it: connection_options::trust_host, or --trust-host"},
    judgement{errc::host_not_found, network,
              "check the spelling of the cluster and its region; with private endpoints this "
              "machine must use the DNS of their network"},
    judgement{errc::connect_failed, network,
              "nothing answers at this address and port: check the port, firewalls, private "
              "endpoints, and whether the cluster is running"},
    judgement{errc::certificate_rejected, network,
              "see what is said of the certificate: it is not what is expected of this server"},
    judgement{errc::tls_failed, network,
              "check that the port speaks TLS 1.2, or what --minimum-tls and "
              "connection_options::minimum_tls demand, what inspects TLS between here and there, "
              "and whether the server wants a certificate of this client (--tls-certificate, "
              "connection_options::tls_certificate)"},
    judgement{errc::connection_lost, network,
              "the connection broke: look for proxies and firewalls that cut connections, then try "
              "again"},
    judgement{errc::timed_out, network,
              "no answer in time: check firewalls and routes; --check-timeout gives slow networks "
              "more time"},
    judgement{
        errc::redirect_refused, network,
        "somebody in between answers with a redirect (a portal or proxy that wants a login?)"},
    judgement{
        errc::malformed_reply, service,
        "the answer is not the service's: look for a proxy or portal in between, and check the "
        "URL"},
    judgement{errc::reply_too_large, service, "check the URL: this is no answer of the service"},
    judgement{
        errc::authentication_failed, configuration,
        "check the credential: what is said of it, and its application id, tenant, and secret "
        "or certificate, if it has them"},
    judgement{errc::credential_unavailable, configuration,
              "this credential is not set up on this machine: set it up, or use another one"},
    judgement{errc::access_denied, rights,
              "ask the owner of the database for the missing role: .add database ['D'] ingestors "
              "('aadapp=APPLICATION;TENANT')"},
    judgement{errc::not_found, rights, "check the name; names are compared with regard to case"},
    judgement{errc::wrong_endpoint, configuration,
              "cluster_url belongs to the engine (https://CLUSTER...), ingestion_url "
              "(--ingestion-url, or KUSTO_INGESTION_URL if the environment names the cluster) to "
              "the ingestion service (https://ingest-CLUSTER...)"},
    judgement{
        errc::no_resources, service,
        "the ingestion service lists no storage; free clusters and those that are starting do "
        "that: try later, or ask the cluster's owner"},
    judgement{errc::throttled, service, "the service is busy: try again later"},
    judgement{
        errc::service_unavailable, service,
        "the service failed or is starting: try again, and see whether the cluster is running"},
    judgement{errc::schema_mismatch, rights,
              "change the record or the table (.alter-merge table adds columns)"},
};

/// Remedies that are more exact than those of the code. Refused tokens bring theirs along.
struct by_service_code
{
    std::string_view code;
    std::string_view remedy;
};

constexpr std::array all_service_codes{
    by_service_code{"AuthorizationFailure",
                    "the storage account's network rules keep this machine out: allow its network, "
                    "or use the private endpoint"},
    by_service_code{"AuthenticationFailed",
                    "the signature was refused: set this machine's clock (see the check 'clock'), "
                    "and check that no proxy changes URLs"},
};

/// Remedies for certificates.
struct by_fault
{
    net::tls_fault what;
    std::string_view remedy;
};

constexpr std::array all_faults{
    by_fault{net::tls_fault::not_yet_valid,
             "set this machine's clock, which seems to be behind (see the check 'clock'); if it is "
             "right, the server must present a certificate that is valid already"},
    by_fault{net::tls_fault::expired,
             "check this machine's clock (see the check 'clock'); if it is right, the owner of the "
             "server must renew the certificate"},
    by_fault{net::tls_fault::wrong_name,
             "check the host in the URL; if it is right, its name leads to another server: look at "
             "DNS, private endpoints and proxies"},
    by_fault{net::tls_fault::unknown_issuer,
             "trust the authority that signed the certificate: --ca-file or --ca-directory, "
             "connection_options::ca_file or KUSTO_CA_FILE; if the issuer is not whom you expect, "
             "something between here and the service reads along"},
    by_fault{net::tls_fault::other, "the owner of the server must replace its certificate"},
};

/// Remedies that depend on what was looked at.
struct by_check
{
    std::string_view check;
    errc code;
    check_trouble trouble;
    std::string_view remedy;
};

constexpr std::string_view not_kusto =
    "this is not a Kusto cluster: check host and port of the URL";
constexpr std::string_view token_refused =
    "the cluster does not accept the token: check that the tenant is the cluster's, or that it "
    "admits "
    "this one (external tenants), and what the check 'token' says of the audience";
constexpr std::string_view static_token_refused =
    "get a new token for this cluster (see what the check 'token' says of its audience and end), "
    "or "
    "use a credential that renews its tokens by itself";
constexpr std::string_view slow_names =
    "no name server answered in time: check this machine's DNS (/etc/resolv.conf, VPN) and whether "
    "it reaches its name servers; --check-timeout gives slow ones more time";
constexpr std::string_view refused_in_between =
    "something in front of the service refuses the request, such as a firewall for web "
    "applications "
    "or a gateway: ask its owner to let this machine through, or correct the host of the URL";
constexpr std::string_view make_the_table =
    "create it (create_merge_table_command makes the command), or correct --table; names are "
    "compared with regard to case";

constexpr std::array all_checks{
    by_check{metadata_check, errc::malformed_reply, configuration, not_kusto},
    by_check{metadata_check, errc::request_rejected, configuration, not_kusto},
    by_check{
        token_check, errc::untrusted_endpoint, configuration,
        "check the cluster's URL and what the check 'metadata' says of its cloud, and name the "
        "login endpoint yourself: --authority-host, connection_options::authority_host or the "
        "variable AadAuthorityUri; it gets your secrets"},
    by_check{token_check, errc::host_not_found, network,
             "the cloud's login endpoint, or what else gives tokens here, has no address: check "
             "this machine's DNS and, if the name is yours, --authority-host, AadAuthorityUri or "
             "AZURE_AUTHORITY_HOST"},
    by_check{token_check, errc::connect_failed, network,
             "the login endpoint, or what else gives tokens here, does not answer: check firewalls "
             "and whether a proxy is needed (HTTPS_PROXY); a managed identity is there on its own "
             "machine only"},
    by_check{token_check, errc::timed_out, network,
             "see which credential was to give the token and whom it asked: check the way there, "
             "or run its tool by hand (az account get-access-token); --check-timeout gives it more "
             "time"},
    by_check{token_check, errc::malformed_reply, network,
             "what answers is not the login endpoint: correct --authority-host, AadAuthorityUri or "
             "AZURE_AUTHORITY_HOST if one of them is set, and look for a proxy or portal that "
             "stands in between"},
    by_check{engine_check, errc::malformed_reply, configuration, not_kusto},
    by_check{engine_check, errc::request_rejected, configuration, not_kusto},
    by_check{engine_check, errc::not_found, configuration, not_kusto},
    by_check{ingestion_check, errc::malformed_reply, configuration, not_kusto},
    by_check{ingestion_check, errc::request_rejected, configuration, not_kusto},
    by_check{ingestion_check, errc::not_found, configuration, not_kusto},
    by_check{resources_check, errc::access_denied, rights,
             "the principal may not ingest: .add database ['D'] ingestors "
             "('aadapp=APPLICATION;TENANT')"},
    by_check{
        storage_check, errc::access_denied, rights,
        "the storage account refuses to be written: its network rules must allow this machine; "
        "check the clock too, since a signature is valid for a time only"},
    by_check{storage_check, errc::not_found, service,
             "the container is gone: ask again, and report it when it stays like that"},
    by_check{
        storage_check, errc::host_not_found, network,
        "the ingestion service named this account: with private endpoints this machine must use "
        "the DNS of their network"},
    by_check{
        queue_check, errc::host_not_found, network,
        "the ingestion service named this account: with private endpoints this machine must use "
        "the DNS of their network, and there must be one for queues too"},
    by_check{database_check, errc::not_found, rights,
             "create the database in the portal, correct --database, or ask for a role in it: what "
             "may not be seen looks as if it were not there"},
    by_check{database_check, errc::access_denied, rights,
             "ask the owner of the database for a role: .add database ['D'] ingestors "
             "('aadapp=APPLICATION;TENANT'); viewers also see mappings and policies"},
    by_check{table_check, errc::not_found, rights, make_the_table},
    by_check{
        mapping_check, errc::not_found, rights,
        "create it (create_ingestion_mapping_command makes the command), or correct --mapping; "
        "a mapping belongs to one table and one format"},
    by_check{mapping_check, errc::schema_mismatch, rights,
             "change the mapping, or add the columns to the table"},
};

/// Remedies for trouble on the way to a proxy, or at it. All of it is the network's.
struct by_proxy
{
    errc code;
    int status; ///< that it refused a tunnel with; 0: any
    std::string_view remedy;
};

constexpr std::string_view not_a_proxy =
    "what answers there does not speak HTTP as a proxy: correct host and port of the proxy";
constexpr std::string_view proxy_is_cut_off =
    "the proxy does not reach this host: check the spelling of the host, and the proxy's own DNS "
    "and firewall, or reach the host without it (NO_PROXY)";
constexpr std::string_view proxy_is_busy =
    "the proxy is busy or failing: try again, and look into its journal";

constexpr std::array all_proxy_rows{
    by_proxy{errc::host_not_found, 0, "correct the name of the proxy, or check this machine's DNS"},
    by_proxy{errc::connect_failed, 0,
             "nothing answers at the proxy's address: correct its host and port, check that it "
             "runs and that no firewall is in front of it"},
    by_proxy{errc::timed_out, 0,
             "the proxy does not answer: correct its host and port, check that it runs and what is "
             "in front of it"},
    by_proxy{errc::proxy_refused, 407,
             "correct the user and password of the proxy: http://USER:PASSWORD@HOST:PORT, both "
             "percent-encoded; only Basic is supported"},
    by_proxy{errc::proxy_refused, 502, proxy_is_cut_off},
    by_proxy{errc::proxy_refused, 503, proxy_is_cut_off},
    by_proxy{errc::proxy_refused, 504, proxy_is_cut_off},
    by_proxy{errc::proxy_refused, 408, proxy_is_busy},
    by_proxy{errc::proxy_refused, 429, proxy_is_busy},
    by_proxy{errc::proxy_refused, 500, proxy_is_busy},
    by_proxy{errc::proxy_refused, 403,
             "the proxy does not let this host through: ask for an exception, or put the host into "
             "NO_PROXY"},
    by_proxy{errc::proxy_refused, 0,
             "check that host and port are those of a proxy that makes tunnels (CONNECT), or put "
             "the host into NO_PROXY"},
    by_proxy{errc::malformed_reply, 0, not_a_proxy},
    by_proxy{errc::reply_too_large, 0, not_a_proxy},
    by_proxy{errc::connection_lost, 0,
             "the proxy hangs up: check that host and port are a proxy's, and look into its "
             "journal"},
};

template <class Row, class Key>
Row const* find_row(std::span<Row const> rows, Key matches)
{
    auto const found = std::find_if(rows.begin(), rows.end(), matches);
    return found == rows.end() ? nullptr : &*found;
}

/// What a refusal of the sign-in service advises: `no token: invalid_client; ADVICE`. Empty if it
/// is another failure, or advises nothing. What a chain of credentials says of
/// each is no advice.
std::string_view advice_in(failure const& why)
{
    constexpr std::string_view begin = "no token: ";
    std::string_view const message = why.message();
    auto const refused = message.find(begin);
    if (refused == message.npos || why.service_code().empty())
        return {};
    auto const advice = message.find("; ", refused + begin.size());
    return advice == message.npos ? std::string_view() : message.substr(advice + 2);
}

by_fault const* find_fault(failure const& why)
{
    if (why.code() != errc::certificate_rejected)
        return nullptr;
    return find_row(std::span<by_fault const>(all_faults), [&](by_fault const& row)
                    { return why.message().find(net::advice_on(row.what)) != std::string::npos; });
}

bool is_slow_name(failure const& why)
{
    return why.code() == errc::timed_out && why.where() == stage::resolve;
}

/// The login endpoint says in JSON what is wrong with a credential.
bool is_page_for_token(std::string_view name, failure const& why)
{
    return name == token_check && why.code() == errc::authentication_failed && holds_page(why);
}

bool is_of_proxy(failure const& why)
{
    return why.code() == errc::proxy_refused || net::is_at_proxy(why);
}

/// Whose trouble it is, and the remedy.
class opinion
{
public:
    opinion(check_trouble trouble_, std::string_view remedy_) : trouble(trouble_), remedy(remedy_)
    {
    }

    check_trouble trouble;
    std::string remedy;
};

opinion by_code(errc code)
{
    auto const* const row = find_row(std::span<judgement const>(all_codes),
                                     [&](judgement const& one) { return one.code == code; });
    if (row == nullptr)
        return opinion(service, "see what the service said, and its documentation");
    return opinion(row->trouble, row->remedy);
}

std::optional<opinion> by_place(std::string_view name, errc code)
{
    auto const* const row = find_row(std::span<by_check const>(all_checks), [&](by_check const& one)
                                     { return one.check == name && one.code == code; });
    if (row == nullptr)
        return std::nullopt;
    return opinion(row->trouble, row->remedy);
}

opinion at_proxy(failure const& why, proxy_setting const& proxy)
{
    auto const fits = [&](by_proxy const& row)
    { return row.code == why.code() && (row.status == 0 || row.status == why.status()); };
    auto const* const row = find_row(std::span<by_proxy const>(all_proxy_rows), fits);
    opinion made(network, row != nullptr ? row->remedy : "look at the proxy");
    if (is_slow_name(why))
        made.remedy = slow_names;
    if (!proxy.by.empty())
        made.remedy += "; the proxy is that of " + proxy.by;
    return made;
}

/// What depends on the credential.
std::optional<opinion> by_credential(std::string_view name, failure const& why,
                                     circumstances const& with)
{
    constexpr int unauthorized = 401;
    bool const refused =
        why.code() == errc::access_denied && why.status() == unauthorized && name != storage_check;
    if (refused && with.without_credential)
        return opinion(configuration,
                       "give a credential: see the footnotes of kusto doctor --help, "
                       "or the argument who of connection_options");
    if (refused)
        return opinion(configuration, token_refused);
    if (with.with_static_token && why.code() == errc::authentication_failed)
        return opinion(configuration, static_token_refused);
    return std::nullopt;
}

/// From the most exact remedy to the most general one.
opinion opinion_of(std::string_view name, failure const& why, circumstances const& with)
{
    if (is_of_proxy(why))
        return at_proxy(why, with.proxy);
    auto made = by_place(name, why.code()).value_or(by_code(why.code()));
    if (is_slow_name(why))
        made = opinion(network, slow_names);
    bool const misdirected = why.code() == errc::wrong_endpoint && name == ingestion_check;
    if (misdirected && !with.ingestion_remedy.empty())
        made = opinion(configuration, with.ingestion_remedy);
    bool const page = is_page_of_somebody(why) && name != storage_check;
    if (page || is_page_for_token(name, why))
        made = opinion(network, refused_in_between);
    if (auto const own = by_credential(name, why, with))
        made = *own;
    if (auto const* const fault = find_fault(why))
        made.remedy = fault->remedy;
    auto const* const exact =
        find_row(std::span<by_service_code const>(all_service_codes),
                 [&](by_service_code const& row) { return row.code == why.service_code(); });
    if (exact != nullptr)
        made.remedy = exact->remedy;
    return made;
}

/// The failure, unless its words are about something that is not the case.
failure in_fitting_words(std::string_view name, failure const& why, circumstances const& with)
{
    constexpr int unauthorized = 401;
    if (name == storage_check)
        return why;
    bool const refused = why.code() == errc::access_denied && why.status() == unauthorized;
    if (refused && with.without_credential)
        return auth::reworded(why, why.code(), "the service demands a token, and none was sent");
    if (is_page_of_somebody(why))
        return auth::reworded(why, why.code(), "refused with a page that is not of the service");
    return why;
}

void append(std::string& text, std::string_view label, std::string_view value)
{
    if (!value.empty())
        text.append(" [").append(label).append(value).append("]");
}

/// Without the port.
std::string_view name_in(std::string_view authority)
{
    auto const colon = authority.rfind(':');
    return authority.ends_with(']') ? authority : authority.substr(0, colon);
}

/// Whether the subject of a check is this host. On one name there may be several services.
bool names_host(std::string_view subject, std::string_view host)
{
    bool const has_port = name_in(subject).size() < subject.size();
    return has_port ? subject == host : subject.find(name_in(host)) != subject.npos;
}

} // namespace

std::string describe(failure const& why, std::string_view subject)
{
    constexpr std::size_t longest_quote = 300;
    auto text = why.message().empty() ? std::string(to_string(why.code())) : why.message();
    auto const host = name_in(why.host());
    bool const told = text.find(host) != text.npos || names_host(subject, why.host());
    if (why.status() != 0)
        append(text, "status ", std::to_string(why.status()));
    append(text, "", why.service_code());
    append(text, "host ", told ? std::string_view() : why.host());
    append(text, "request ", why.request_id());
    append(text, "activity ", why.activity_id());
    if (!why.server_text().empty())
        text += " (server: " + clean_text(why.server_text(), longest_quote) + ')';
    return one_line(text);
}

verdict judge(std::string_view name, failure const& why, circumstances const& with)
{
    auto made = opinion_of(name, why, with);
    auto detail = describe(in_fitting_words(name, why, with), with.subject);
    auto const advice = one_line(advice_in(why));
    if (auto const at = detail.find("; " + advice); !advice.empty() && at != detail.npos)
    {
        detail.erase(at, advice.size() + 2);
        made.remedy = advice;
    }
    return verdict::failed(made.trouble, std::move(detail), std::move(made.remedy));
}

} // namespace kusto::doctor
