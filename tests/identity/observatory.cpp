#include "observatory.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <kusto/emulator/faults.hpp>

namespace kusto::test
{

namespace fs = std::filesystem;
using faults::content_of;
using faults::secret_scanner;

namespace
{

emulator::fault_script script_of(trouble what)
{
    using emulator::fault;
    std::vector<fault> rules;
    if (what == trouble::refused)
        rules.push_back(fault::status(401));
    if (what == trouble::silent)
        rules.push_back(fault::never_answer());
    if (what == trouble::malformed)
        rules.push_back(fault::garbage());
    if (what == trouble::unavailable)
        rules.push_back(fault::status(503));
    emulator::fault_script script;
    for (auto const& rule : rules)
    {
        for (auto const route :
             {emulator::fault_route::token, emulator::fault_route::managed_identity})
            script.add(fault(rule).on(route));
    }
    return script;
}

estate_plan plan()
{
    estate_plan made;
    made.cluster.discard(emulator::discard_mode::checksum);
    made.sign_in.approve_device_codes(true);
    return made;
}

bool is_callback(way const& how)
{
    return how.name == "callback";
}

/// What a callback may say of itself beside its token.
std::string own_words(std::string const& token)
{
    return token + " client_secret=CANARY.vault-password \"password\": \"CANARY.vault-password\"";
}

kusto::proxy proxy()
{
    return kusto::proxy::at("http://canary:" + std::string(proxy_password) + "@127.0.0.1:1");
}

/// Ends with the answer when there is one.
milliseconds patience_with(way const& how, trouble what)
{
    if (what == trouble::none)
        return milliseconds(20'000);
    return milliseconds(how.name == "device code" ? 1500 : 200);
}

void replace(std::string& in, std::string const& from, std::string const& to)
{
    auto const at = in.find(from);
    if (at != std::string::npos)
        in.replace(at, from.size(), to);
}

std::string variable(char const* name)
{
    char const* const value = std::getenv(name);
    return value == nullptr ? "" : value;
}

} // namespace

std::string_view name_of(trouble what)
{
    constexpr std::string_view names[]{"none",   "refused",   "repeats",
                                       "silent", "malformed", "unavailable"};
    return names[static_cast<std::size_t>(what)];
}

observatory::observatory()
    : on_(plan()),
      token_(on_.access_token()),
      rubbish_(callbacks_that_give_rubbish(static_canary)),
      throwing_(callbacks_that_throw(static_canary, own_words(token_))),
      arc_mocking_(arc_key()),
      home_(environment_)
{
    on_.install_azure_cli(token_);
    if (on_.arc.is_usable())
        std::ofstream(arc_key()) << "CANARY.arc-key-file";
}

observatory::~observatory()
{
    std::error_code ignored;
    fs::remove(arc_key(), ignored);
}

void observatory::forbid_all(secret_scanner& in) const
{
    for (auto const& word : planted_)
        in.forbid(word);
    auto all = on_.secrets();
    all.insert(all.end(),
               {proxy_password, static_canary, parrot::device_code, parrot::access_token,
                parrot::refresh_token, "CANARY.arc-key-file", "CANARY.vault-password", token_});
    // Also what is left of one that was cut off.
    constexpr std::size_t beginning = 10;
    for (auto const& one : all)
    {
        in.forbid(one);
        if (one.starts_with("CANARY"))
            in.forbid(one.substr(0, beginning));
    }
}

std::size_t observatory::variants(way const& how, trouble what) const
{
    bool const asks_nobody = how.issuer == token_issuer::nobody;
    switch (what)
    {
    case trouble::none:
    case trouble::refused:
        return 1;
    case trouble::repeats:
        // It answers over plain http, and Service Fabric's certificate is pinned.
        if (how.name == "Service Fabric")
            return 0;
        return how.issuer == token_issuer::cli ? 1 : parrot::ways().size();
    case trouble::malformed:
        if (is_callback(how))
            return rubbish_.size();
        break;
    case trouble::unavailable:
        if (is_callback(how))
            return throwing_.size();
        break;
    case trouble::silent:
        break;
    }
    return asks_nobody && !is_callback(how) ? 0 : 1;
}

bool observatory::look(way const& how, trouble what, secret_scanner& scanner)
{
    bool answered = false;
    for (std::size_t i = 0; i < variants(how, what); ++i)
    {
        secret_scanner of_this_one;
        forbid_all(of_this_one);
        answered |= look_once(how, what, i, of_this_one);
        scanner.take_over(of_this_one,
                          how.name + ", " + std::string(name_of(what)) + ' ' + std::to_string(i));
    }
    return answered;
}

bool observatory::look_once(way const& how, trouble what, std::size_t variant,
                            secret_scanner& scanner)
{
    bool const asks_nobody = how.issuer == token_issuer::nobody;
    bool const of_no_use = asks_nobody && what != trouble::none;
    scoped_environment environment;
    on_.enter(environment);
    on_.write("az-token", of_no_use ? static_canary : token_);
    how.prepare(on_, environment);
    if (is_callback(how))
        arrange_callback(what, variant);
    on_.write("az-mode", std::string(name_of(what)));
    on_.cluster.set_faults(script_of(what));
    if (what == trouble::repeats)
    {
        mocking_.speak(parrot::ways()[variant]);
        arc_mocking_.speak(parrot::ways()[variant]);
        if (asks_nobody)
            sign_in_to_the_parrot(environment);
        else
            ask_the_parrot(how, environment);
    }
    listener heard(scanner);
    try
    {
        auto where = options_for(how, on_);
        where.retry(subject::quick()).proxy(proxy());
        where.tls_certificate(kusto::certificate_source::memory(on_.files.read("app.pem")));
        heard.listen(where);
        heard.hear(where);
        subject one(heard, where, patience_with(how, what));
        return one.run();
    }
    catch (std::exception const& e)
    {
        heard.hear(e);
        return false;
    }
}

void observatory::arrange_callback(trouble what, std::size_t variant) const
{
    switch (what)
    {
    case trouble::none:
        return set_callback(callback_that_gives(token_));
    case trouble::refused:
    case trouble::repeats:
        return set_callback(callback_that_gives(static_canary));
    case trouble::silent:
        return set_callback(silent_callback());
    case trouble::malformed:
        return set_callback(rubbish_.at(variant));
    case trouble::unavailable:
        return set_callback(throwing_.at(variant));
    }
}

/// In place of the one that is meant.
void observatory::ask_the_parrot(way const& how, scoped_environment& environment) const
{
    environment.set("AadAuthorityUri", mocking_.url());
    auto const& other = how.name.starts_with("Azure Arc") ? arc_mocking_ : mocking_;
    auto const real = on_.cluster.identity_url();
    for (char const* const name : {"IDENTITY_ENDPOINT", "IMDS_ENDPOINT", "MSI_ENDPOINT",
                                   "AZURE_POD_IDENTITY_AUTHORITY_HOST"})
    {
        auto text = variable(name);
        replace(text, real, other.url());
        if (!text.empty())
            environment.set(name, text);
    }
}

/// It is the cluster.
void observatory::sign_in_to_the_parrot(scoped_environment& environment) const
{
    auto text = variable("KUSTO_CONNECTION_STRING");
    replace(text, on_.cluster.engine_url(), mocking_.url());
    environment.set("KUSTO_CONNECTION_STRING", text);
    environment.set("KUSTO_INGESTION_URL", mocking_.url());
}

void look_around(observatory const& here, std::string const& written, secret_scanner& scanner)
{
    here.forbid_all(scanner);
    (void)scanner.scan("stdout or stderr", written);
    (void)scanner.scan("arguments of children", here.on().files.read("az-arguments"));
    (void)scanner.scan("arguments", content_of("/proc/self/cmdline"));
    here.home().search(scanner);
}

} // namespace kusto::test
