#include <emulator/server/sas.hpp>

#include <array>
#include <openssl/crypto.h>
#include <vector>

namespace kusto::emulator
{

namespace
{

constexpr std::string_view signing_version = "2018-03-28";

storage_error authentication_failed(std::string const& detail)
{
    return storage_error(403, "AuthenticationFailed",
                         "Server failed to authenticate the request. Make sure the value of "
                         "Authorization header is formed correctly including the signature.")
        .with("AuthenticationErrorDetail", detail);
}

std::string_view service_name(storage_service service)
{
    switch (service)
    {
    case storage_service::blob:
        return "blob";
    case storage_service::queue:
        return "queue";
    case storage_service::table:
        break;
    }
    return "table";
}

char service_letter(storage_service service)
{
    return service_name(service).front();
}

std::string join(std::vector<std::string> const& fields)
{
    std::string out;
    for (auto const& field : fields)
        out += (&field == &fields.front() ? "" : "\n") + field;
    return out;
}

std::string canonical_resource(sas_target const& target, query_parameters const& query)
{
    std::string out = "/";
    out += service_name(target.service);
    out += "/" + target.account + "/";
    out += target.service == storage_service::table ? lower_case(query.get("tn")) : target.resource;
    if (target.service == storage_service::blob && query.get("sr") == "b")
        out += "/" + target.object;
    return out;
}

std::string account_string(sas_target const& target, query_parameters const& query)
{
    std::string out = target.account + "\n";
    for (char const* name : {"sp", "ss", "srt", "st", "se", "sip", "spr", "sv"})
        out += query.get(name) + "\n";
    if (query.get("sv") >= "2020-12-06")
        out += query.get("ses") + "\n";
    return out;
}

void append(std::vector<std::string>& fields, query_parameters const& query,
            std::initializer_list<char const*> names)
{
    for (char const* name : names)
        fields.push_back(query.get(name));
}

bool is_account_sas(query_parameters const& query)
{
    return query.has("ss") || query.has("srt");
}

void check_presence(query_parameters const& query)
{
    for (char const* name : {"sv", "sig"})
    {
        if (query.get(name).empty())
            throw authentication_failed(std::string(name) + " is mandatory. Cannot be empty");
    }
    if (query.has("si"))
        throw authentication_failed("Access policy not found.");
    for (char const* name : {"se", "sp"})
    {
        if (query.get(name).empty())
            throw authentication_failed(std::string(name) + " is mandatory. Cannot be empty");
    }
}

bool equals_signature(query_parameters const& query, std::string const& text,
                      std::string const& key)
{
    auto const expected = hmac_sha256(key, text);
    auto const given = base64_decode(query.get("sig"));
    return given && given->size() == expected.size() &&
           CRYPTO_memcmp(given->data(), expected.data(), expected.size()) == 0;
}

void check_signature(sas_target const& target, query_parameters const& query,
                     std::string const& key)
{
    auto const text = string_to_sign(target, query);
    if (text.empty())
        throw authentication_failed("Signed version " + query.get("sv") + " is not supported");
    if (!equals_signature(query, text, key))
        throw authentication_failed("Signature did not match. String to sign used was " + text);
}

void check_time(query_parameters const& query, system_time now)
{
    auto const start_text = query.get("st");
    auto const start = parse_iso_time(start_text);
    auto const expiry = parse_iso_time(query.get("se"));
    if (!expiry || (!start_text.empty() && !start))
        throw authentication_failed("Signature fields not well formed.");
    if (now < *expiry && (!start || now >= *start))
        return;
    throw expired_signature(query, *expiry, now);
}

std::optional<std::uint32_t> parse_ip4(std::string_view text)
{
    std::uint32_t value = 0;
    for (int part = 0; part < 4; ++part)
    {
        auto const dot = part < 3 ? text.find('.') : text.size();
        auto const number = parse_number(text.substr(0, dot));
        if (dot == std::string_view::npos || !number || *number < 0 || *number > 255)
            return std::nullopt;
        value = value * 256 + static_cast<std::uint32_t>(*number);
        text.remove_prefix(part < 3 ? dot + 1 : dot);
    }
    return value;
}

void check_transport(query_parameters const& query, bool over_tls, std::string_view client_address)
{
    if (query.get("spr") == "https" && !over_tls)
        throw storage_error(403, "AuthorizationProtocolMismatch",
                            "This request is not authorized to perform this operation using this "
                            "protocol.");
    auto const range = query.get("sip");
    if (range.empty())
        return;
    auto const dash = range.find('-');
    auto const from = parse_ip4(range.substr(0, dash));
    auto const to = dash == std::string::npos ? from : parse_ip4(range.substr(dash + 1));
    auto const client = parse_ip4(client_address);
    if (!from || !to || !client || *client < *from || *client > *to)
        throw storage_error(403, "AuthorizationSourceIPMismatch",
                            "This request is not authorized to perform this operation using this "
                            "source IP.");
}

void check_scope(sas_target const& target, sas_need const& need, query_parameters const& query)
{
    auto const mismatch = [](char const* code, char const* what)
    {
        return storage_error(403, code,
                             std::string("This request is not authorized to perform this operation "
                                         "using this ") +
                                 what + ".");
    };
    if (is_account_sas(query))
    {
        if (query.get("ss").find(service_letter(target.service)) == std::string::npos)
            throw mismatch("AuthorizationServiceMismatch", "service");
        if (query.get("srt").find(need.resource_type) == std::string::npos)
            throw mismatch("AuthorizationResourceTypeMismatch", "resource type");
        return;
    }
    if (need.resource_type == 's')
        throw mismatch("AuthorizationResourceTypeMismatch", "resource type");
    if (target.service == storage_service::blob)
    {
        auto const kind = query.get("sr");
        if (kind != "c" && !(kind == "b" && !target.object.empty()))
            throw authentication_failed("sr is mandatory and must fit the resource: " + kind);
    }
    if (target.service == storage_service::table &&
        !equal_no_case(query.get("tn"), target.resource))
        throw authentication_failed("tn does not name the table of the request");
}

bool grants(std::string const& permissions, sas_need const& need)
{
    bool const any =
        need.any_of.empty() || permissions.find_first_of(need.any_of) != std::string::npos;
    for (char const letter : need.all_of)
    {
        if (permissions.find(letter) == std::string::npos)
            return false;
    }
    return any;
}

} // namespace

std::string string_to_sign(sas_target const& target, query_parameters const& query)
{
    auto const version = query.get("sv");
    if (version < "2015-04-05")
        return {};
    if (is_account_sas(query))
        return account_string(target, query);
    std::vector<std::string> fields;
    append(fields, query, {"sp", "st", "se"});
    fields.push_back(canonical_resource(target, query));
    append(fields, query, {"si", "sip", "spr", "sv"});
    if (target.service == storage_service::table)
        append(fields, query, {"spk", "srk", "epk", "erk"});
    if (target.service == storage_service::blob)
    {
        if (version >= "2018-11-09")
            append(fields, query, {"sr", "snapshot"});
        if (version >= "2020-12-06")
            append(fields, query, {"ses"});
        append(fields, query, {"rscc", "rscd", "rsce", "rscl", "rsct"});
    }
    return join(fields);
}

std::string check_sas(sas_target const& target, sas_need const& need, query_parameters const& query,
                      std::string const& key, system_time now, bool over_tls,
                      std::string_view client_address)
{
    check_presence(query);
    check_signature(target, query, key);
    check_time(query, now);
    check_transport(query, over_tls, client_address);
    check_scope(target, need, query);
    auto permissions = query.get("sp");
    if (!grants(permissions, need))
        throw storage_error(403, "AuthorizationPermissionMismatch",
                            "This request is not authorized to perform this operation using this "
                            "permission.");
    return permissions;
}

bool signed_with(sas_target const& target, query_parameters const& query, std::string const& key)
{
    auto const text = string_to_sign(target, query);
    return !text.empty() && equals_signature(query, text, key);
}

storage_error expired_signature(query_parameters const& query, system_time expiry, system_time now)
{
    auto const start = parse_iso_time(query.get("st"));
    return authentication_failed("Signature not valid in the specified time frame: Start [" +
                                 (start ? http_date(*start) : std::string()) + "] - Expiry [" +
                                 http_date(expiry) + "] - Current [" + http_date(now) + "]");
}

std::string make_sas(sas_target const& target, std::string const& key,
                     std::string const& permissions, system_time start, system_time expiry)
{
    std::string unsigned_text = "sv=" + std::string(signing_version);
    if (target.service == storage_service::blob)
        unsigned_text += target.object.empty() ? "&sr=c" : "&sr=b";
    if (target.service == storage_service::table)
        unsigned_text += "&tn=" + percent_encode(target.resource);
    unsigned_text += "&st=" + percent_encode(iso_time(start)) +
                     "&se=" + percent_encode(iso_time(expiry)) + "&sp=" + permissions;
    auto const text = string_to_sign(target, query_parameters(unsigned_text));
    return unsigned_text + "&sig=" + percent_encode(base64_encode(hmac_sha256(key, text)));
}

} // namespace kusto::emulator
