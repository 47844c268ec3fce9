#include "ways.hpp"

#include <base/base64.hpp>

namespace kusto::test
{

namespace
{

using emulator::identity_host;
using environment = scoped_environment;

token_callback current_callback;

/// A value with `;`, `"` or line breaks in a connection string.
std::string quoted(std::string const& text)
{
    std::string out = "\"";
    for (char const c : text)
        out += c == '"' ? std::string("\"\"") : std::string(1, c);
    return out + '"';
}

/// Signs in with the application and the rest of a connection string.
way application(std::string name, std::function<std::string(estate const&)> rest,
                std::string tenant = {})
{
    way made{std::move(name), token_issuer::login, {}};
    made.prepare = [rest = std::move(rest), tenant](estate const& on, environment& in)
    { in.set("KUSTO_CONNECTION_STRING", on.application(tenant) + ';' + rest(on)); };
    return made;
}

std::string certificate(estate const& on, std::string const& name)
{
    return "Application Certificate Path=" + on.file(name);
}

/// \param id  as a connection string has it
way machine(std::string name, identity_host host, std::string id = "system")
{
    way made{std::move(name), token_issuer::machine, {}};
    made.prepare = [host, id](estate const& on, environment& in)
    {
        in.set("KUSTO_CONNECTION_STRING", on.place() + ";Managed Identity=" + id);
        on.enter(in, host);
    };
    return made;
}

void add_applications(std::vector<way>& all)
{
    auto const key = [](estate const& on) { return "Application Key=" + on.secret; };
    all.push_back(application("client secret", key));
    all.push_back(application("client secret, AD FS", key, "adfs"));
    all.push_back(application("certificate, PEM file",
                              [](estate const& on) { return certificate(on, "app.pem"); }));
    all.push_back(application(
        "certificate, PEM file, AD FS", [](estate const& on) { return certificate(on, "app.pem"); },
        "adfs"));
    auto const with_password = [](char const* name)
    {
        return [name](estate const& on)
        { return certificate(on, name) + ";Application Certificate Password=" + on.password; };
    };
    all.push_back(
        application("certificate, PEM file with a password", with_password("locked.pem")));
    all.push_back(application("certificate, PFX file", with_password("app.pfx")));
    all.push_back(application("certificate, PFX in memory",
                              [](estate const& on)
                              {
                                  return "Application Certificate Blob=" +
                                         quoted(base::base64_encode(on.files.read("app.pfx"))) +
                                         ";Application Certificate Password=" + on.password;
                              }));
    all.push_back(application(
        "certificate, PEM in memory", [](estate const& on)
        { return "Application Certificate PrivateKey=" + quoted(on.files.read("app.pem")); }));
    all.push_back(application(
        "certificate, by its subject", [](estate const& on)
        { return certificate(on, "chain.pem") + ";Application Certificate SendX5c=true"; }));
}

void add_machines(std::vector<way>& all, estate const& on)
{
    auto const vm = identity_host::virtual_machine;
    auto const app = identity_host::app_service;
    all.push_back(machine("virtual machine", vm));
    all.push_back(machine("virtual machine, client id", vm, on.user_client));
    all.push_back(machine("virtual machine, object id", vm, "object:" + on.user_object));
    all.push_back(machine("virtual machine, resource id", vm, on.user_resource));
    all.push_back(machine("App Service", app));
    all.push_back(machine("App Service, client id", app, on.user_client));
    all.push_back(machine("App Service, object id", app, "object:" + on.user_object));
    all.push_back(machine("App Service, resource id", app, on.user_resource));
    all.push_back(machine("Azure ML", identity_host::machine_learning));
    all.push_back(machine("Azure ML, client id", identity_host::machine_learning, on.user_client));
    all.push_back(machine("Cloud Shell", identity_host::cloud_shell));
    all.push_back(machine("Service Fabric", identity_host::service_fabric));
    if (!on.arc.is_usable())
        return;
    all.push_back(machine("Azure Arc", identity_host::azure_arc));
    all.push_back(machine("Azure Arc, client id", identity_host::azure_arc, on.user_client));
    all.push_back(
        machine("Azure Arc, object id", identity_host::azure_arc, "object:" + on.user_object));
    all.push_back(machine("Azure Arc, resource id", identity_host::azure_arc, on.user_resource));
}

void set_workload(estate const& on, environment& in)
{
    on.name_application(in);
    in.set("AZURE_FEDERATED_TOKEN_FILE", on.file("federated.jwt"));
}

void add_environments(std::vector<way>& all)
{
    auto const of = [](std::string credential, auto more)
    {
        return [credential, more](estate const& on, environment& in)
        {
            in.set("KUSTO_CONNECTION_STRING", on.place() + ";Credential=" + credential);
            more(on, in);
        };
    };
    auto const secret = [](estate const& on, environment& in)
    {
        on.name_application(in);
        in.set("AZURE_CLIENT_SECRET", on.secret);
    };
    auto const pfx = [](estate const& on, environment& in)
    {
        on.name_application(in);
        in.set("AZURE_CLIENT_CERTIFICATE_PATH", on.file("app.pfx"));
        in.set("AZURE_CLIENT_CERTIFICATE_PASSWORD", on.password);
    };
    auto const chain = [](estate const& on, environment& in)
    {
        on.name_application(in);
        in.set("AZURE_CLIENT_CERTIFICATE_PATH", on.file("chain.pem"));
        in.set("AZURE_CLIENT_SEND_CERTIFICATE_CHAIN", "true");
    };
    auto const cli = [](estate const& on, environment& in)
    { in.set("PATH", on.files.path() + ":/usr/bin:/bin"); };
    auto const login = token_issuer::login;
    all.push_back({"workload identity", login, of("workload identity", set_workload)});
    all.push_back({"environment, secret", login, of("environment", secret)});
    all.push_back({"environment, PFX file", login, of("environment", pfx)});
    all.push_back({"environment, by its subject", login, of("environment", chain)});
    all.push_back({"default chain, secret", login, of("default", secret)});
    all.push_back({"Azure CLI", token_issuer::cli, of("azure cli", cli)});
    all.push_back({"AAD Federated Security alone", login,
                   [](estate const& on, environment& in)
                   {
                       in.set("KUSTO_CONNECTION_STRING",
                              on.place() + ";AAD Federated Security=true");
                       set_workload(on, in);
                   }});
    all.push_back({"only the cluster's URL", login,
                   [secret](estate const& on, environment& in)
                   {
                       in.set("KUSTO_CLUSTER_URL", on.place().substr(12));
                       secret(on, in);
                   }});
}

void add_code(std::vector<way>& all)
{
    auto const nothing = [](estate const& on, environment& in)
    { in.set("KUSTO_CONNECTION_STRING", on.place()); };
    auto const token = [](char const* keyword)
    {
        return [keyword](estate const& on, environment& in)
        {
            in.set("KUSTO_CONNECTION_STRING",
                   on.place() + ';' + keyword + '=' + on.files.read("az-token"));
        };
    };
    all.push_back({"static token", token_issuer::nobody, token("Application Token")});
    all.push_back({"static token of a person", token_issuer::nobody, token("User Token")});
    all.push_back({"callback", token_issuer::nobody, nothing,
                   [](estate const&) { return credential::callback(current_callback); }});
    all.push_back({"device code", token_issuer::login, nothing, [](estate const& on) {
                       return credential::device_code([](device_prompt const&) {},
                                                      on.cluster.options().tenant());
                   }});
    all.push_back(
        {"chain", token_issuer::login, nothing,
         [](estate const& on)
         {
             auto const& known = on.cluster.options();
             return credential::chain(
                 {credential::environment(), credential::workload_identity(),
                  credential::client_secret(known.client_id(), on.secret, known.tenant())});
         }});
}

} // namespace

std::vector<way> all_ways(estate const& on)
{
    std::vector<way> all;
    add_applications(all);
    add_machines(all, on);
    add_environments(all);
    add_code(all);
    return all;
}

connection_options options_for(way const& how, estate const& on)
{
    auto where = connection_options::from_environment();
    if (how.in_code)
        where.who(how.in_code(on));
    return where;
}

void set_callback(token_callback callback)
{
    current_callback = std::move(callback);
}

} // namespace kusto::test
