#include <options/connection_settings.hpp>

#include <base/ascii.hpp>
#include <base/base64.hpp>
#include <bitset>
#include <options/connection_items.hpp>

namespace kusto::options
{

namespace
{

std::string quoted(keyword which)
{
    return '`' + std::string(name_of(which)) + '`';
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> words)
{
    for (auto const word : words)
    {
        if (base::equal_ignoring_case(text, word))
            return true;
    }
    return false;
}

void check_flag(known_keyword const& which, std::string_view text)
{
    if (!is_one_of(text, {"true", "1", "yes", "false", "0", "no"}))
        refuse_connection_string('`' + std::string(which.name) + "` must be true or false");
}

} // namespace

connection_settings::connection_settings(std::string_view text)
{
    std::bitset<static_cast<std::size_t>(keyword::unsupported)> seen;
    item_reader items(text);
    while (items.next())
    {
        auto const& which = items.which();
        auto const index = static_cast<std::size_t>(which.meaning);
        if (seen.test(index))
            refuse_connection_string("keyword `" + std::string(which.name) + "` is given twice");
        seen.set(index);
        bool const is_flag = which.meaning == keyword::federated_security ||
                             which.meaning == keyword::certificate_send_chain;
        if (is_flag && !items.value().empty())
            check_flag(which, items.value());
        values_[index] = base::secret(std::move(items.value()));
    }
}

bool connection_settings::flag(keyword which) const
{
    return is_one_of(at(which).reveal(), {"true", "1", "yes"});
}

namespace
{

/// Each of them is a way to prove who the client is.
constexpr keyword proofs[] = {
    keyword::application_key,  keyword::certificate_blob,  keyword::certificate_private_key,
    keyword::certificate_path, keyword::application_token, keyword::user_token,
    keyword::credential,       keyword::managed_identity};

bool is_certificate(keyword proof)
{
    return proof == keyword::certificate_blob || proof == keyword::certificate_private_key ||
           proof == keyword::certificate_path;
}

/// The only proof that is given; `unsupported` if there is none.
keyword find_proof(connection_settings const& from)
{
    auto found = keyword::unsupported;
    for (auto const proof : proofs)
    {
        if (!from.has(proof))
            continue;
        if (found != keyword::unsupported)
            refuse_connection_string(quoted(found) + " and " + quoted(proof) +
                                     " contradict each other: give one of them");
        found = proof;
    }
    return found;
}

void refuse_beside(connection_settings const& from, keyword what, std::string const& proof,
                   std::string const& remedy)
{
    if (from.has(what))
        refuse_connection_string(quoted(what) + " has no meaning beside " + proof + ": " + remedy);
}

/// A tenant that other tools write when none was chosen.
bool is_any_tenant(std::string_view tenant)
{
    return is_one_of(tenant, {"organizations", "common"});
}

void refuse_tenant_beside(connection_settings const& from, std::string const& proof,
                          std::string const& remedy)
{
    if (!is_any_tenant(from.text(keyword::authority_id)))
        refuse_beside(from, keyword::authority_id, proof, remedy);
}

/// What an application needs to sign in, whatever its proof is.
void require_application(connection_settings const& from, std::string missing)
{
    for (auto const needed : {keyword::application_client_id, keyword::authority_id})
    {
        if (!from.has(needed))
            missing.append(missing.empty() ? "" : ", ").append(quoted(needed));
    }
    if (!missing.empty())
        refuse_connection_string("missing beside the credentials that are given: " + missing);
}

/// PEM text as it is; the bytes of a PFX file from base64, which may be broken into lines.
std::string certificate_content(connection_settings const& from, keyword proof)
{
    auto content = from.text(proof);
    bool const blob = proof == keyword::certificate_blob;
    // The private key alone, as other libraries take it beside a thumbprint, is not enough.
    auto const* const mark = blob ? "-----BEGIN " : "-----BEGIN CERTIFICATE-----";
    if (content.find(mark) != std::string::npos)
        return content;
    std::erase_if(content, base::is_blank);
    auto decoded = blob ? base::base64_decode(content) : std::nullopt;
    base::wipe(content);
    if (decoded)
        return std::move(*decoded);
    refuse_connection_string(
        quoted(proof) + (blob ? " is neither PEM text (-----BEGIN CERTIFICATE-----) nor the base64 "
                                "of a PFX file"
                              : " must be PEM text with the certificate and its private key"));
}

credential certificate_of(connection_settings const& from, keyword proof)
{
    require_application(from, {});
    auto source = proof == keyword::certificate_path
                      ? certificate_source::file(from.text(proof))
                      : certificate_source::memory(certificate_content(from, proof));
    source.password(from.text(keyword::certificate_password))
        .send_chain(from.flag(keyword::certificate_send_chain));
    return credential::client_certificate(from.text(keyword::application_client_id),
                                          std::move(source), from.text(keyword::authority_id));
}

credential managed_identity_of(connection_settings const& from)
{
    constexpr std::string_view object = "object:";
    auto const name = quoted(keyword::managed_identity);
    refuse_beside(from, keyword::application_client_id, name,
                  "a client id is the value of " + name + " itself");
    refuse_tenant_beside(from, name, "a managed identity belongs to one tenant; remove it");
    auto const id = from.text(keyword::managed_identity);
    if (base::equal_ignoring_case(id, "system"))
        return credential::managed_identity();
    if (id.starts_with('/'))
        return credential::managed_identity(identity_id::resource(id));
    if (base::equal_ignoring_case(std::string_view(id).substr(0, object.size()), object))
        return credential::managed_identity(identity_id::object(
            std::string(base::trim(std::string_view(id).substr(object.size())))));
    return credential::managed_identity(identity_id::client(id));
}

std::string normalised_word(std::string text)
{
    std::erase_if(text, [](char c) { return base::is_blank(c) || c == '-' || c == '_'; });
    return base::to_lower(text);
}

credential default_chain_of(connection_settings const& from, std::string const& name)
{
    refuse_beside(from, keyword::application_client_id, name,
                  "set AZURE_CLIENT_ID, or give the credential itself");
    refuse_tenant_beside(from, name, "set AZURE_TENANT_ID, or give the credential itself");
    return credential::default_chain();
}

credential named_credential(connection_settings const& from)
{
    auto const word = normalised_word(from.text(keyword::credential));
    auto const tenant = from.text(keyword::authority_id);
    auto const client = from.text(keyword::application_client_id);
    auto const name = quoted(keyword::credential);
    if (word == "default")
        return default_chain_of(from, "`Credential=default`");
    if (word == "workloadidentity")
        return credential::workload_identity(client, is_any_tenant(tenant) ? "" : tenant);
    if (word == "environment" || word == "azurecli")
        refuse_beside(from, keyword::application_client_id, name,
                      "the environment or the Azure CLI knows who signs in; remove it");
    if (word == "azurecli")
        return credential::azure_cli(is_any_tenant(tenant) ? "" : tenant);
    if (word == "environment")
    {
        refuse_tenant_beside(from, name, "set AZURE_TENANT_ID");
        return credential::environment();
    }
    if (word == "devicecode")
        refuse_connection_string(name + " cannot be a device code, since a function must show it: "
                                        "use credential::device_code in code");
    refuse_connection_string(name +
                             " must be `default`, `environment`, `workload identity` or "
                             "`azure cli`; for a managed identity use " +
                             quoted(keyword::managed_identity));
}

credential token_of(connection_settings const& from, keyword proof)
{
    refuse_beside(from, keyword::application_client_id, quoted(proof),
                  "a token already says who it is for; remove one of them");
    return credential::static_token(from.text(proof));
}

credential unproven(connection_settings const& from)
{
    if (from.has(keyword::application_client_id))
        require_application(from, "a proof (`Application Key`, `Application Certificate Path`, "
                                  "`Application Certificate Blob`, or `Credential=workload "
                                  "identity`)");
    if (from.flag(keyword::federated_security))
        return default_chain_of(from, "`AAD Federated Security` alone");
    return credential::none();
}

/// What is said about a certificate makes no sense without one.
void check_certificate_words(connection_settings const& from, keyword proof)
{
    auto const remedy = ": give `Application Certificate Path` or `Application Certificate Blob`";
    if (is_certificate(proof))
        return;
    if (from.has(keyword::certificate_password))
        refuse_connection_string(quoted(keyword::certificate_password) + " without a certificate" +
                                 remedy);
    if (from.flag(keyword::certificate_send_chain))
        refuse_connection_string(quoted(keyword::certificate_send_chain) +
                                 " without a certificate" + remedy);
}

} // namespace

credential credential_of(connection_settings const& from)
{
    auto const proof = find_proof(from);
    check_certificate_words(from, proof);
    bool const any = proof != keyword::unsupported || from.has(keyword::application_client_id);
    bool const forbidden =
        from.has(keyword::federated_security) && !from.flag(keyword::federated_security);
    if (any && forbidden)
        refuse_connection_string(
            quoted(keyword::federated_security) + " is false, but credentials are given: " +
            quoted(proof == keyword::unsupported ? keyword::application_client_id : proof));
    if (is_certificate(proof))
        return certificate_of(from, proof);
    if (proof == keyword::managed_identity)
        return managed_identity_of(from);
    if (proof == keyword::credential)
        return named_credential(from);
    if (proof == keyword::application_token || proof == keyword::user_token)
        return token_of(from, proof);
    if (proof == keyword::unsupported)
        return unproven(from);
    require_application(from, {});
    return credential::client_secret(from.text(keyword::application_client_id), from.text(proof),
                                     from.text(keyword::authority_id));
}

} // namespace kusto::options
