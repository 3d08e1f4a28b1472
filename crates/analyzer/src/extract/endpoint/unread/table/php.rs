//! Frameworks of PHP, and the systems that bring routes of their own.

use super::{UnreadFramework, UnreadLanguage, of};

static PHP: UnreadLanguage =
    UnreadLanguage { title: "PHP", ecosystem: "composer", endings: &["php", "module", "inc"], imports: &["use "] };

pub(super) static ALL: &[UnreadFramework] = &[
    of("AltoRouter", &PHP, &["altorouter/altorouter"]).imports(&["AltoRouter"]),
    of("API Platform", &PHP, &["api-platform/core", "api-platform/symfony", "api-platform/api-pack"]),
    of("bramus/router", &PHP, &["bramus/router"]).imports(&["Bramus\\Router\\Router"]),
    of("CakePHP", &PHP, &["cakephp/cakephp"]).imports(&["Cake\\Routing"]),
    of("CodeIgniter", &PHP, &["codeigniter4/framework", "codeigniter4/codeigniter4", "codeigniter/framework"])
        .imports(&["CodeIgniter\\Router"])
        .texts(&["defined('BASEPATH')"])
        .files(&["system/core/CodeIgniter.php", "system/CodeIgniter.php"]),
    of("Contao", &PHP, &["contao/core-bundle", "contao/manager-bundle"]),
    of("Craft CMS", &PHP, &["craftcms/cms"]),
    of("Drupal", &PHP, &["drupal/core", "drupal/core-recommended", "drupal/drupal"])
        .imports(&["Drupal\\Core\\Controller\\ControllerBase"])
        .files(&["core/lib/Drupal.php", "*.routing.yml", "includes/bootstrap.inc"]),
    of("FastRoute", &PHP, &["nikic/fast-route"]).imports(&["FastRoute\\RouteCollector"]),
    of("Flight", &PHP, &["flightphp/core", "mikecao/flight"]),
    of("FuelPHP", &PHP, &["fuel/core"]),
    of("Hyperf", &PHP, &["hyperf/http-server", "hyperf/framework"]).imports(&["Hyperf\\HttpServer"]),
    of("ILIAS", &PHP, &["ilias/ilias"]),
    of("Joomla", &PHP, &["joomla/joomla-cms"]).files(&["libraries/src/Version.php"]),
    of("Klein", &PHP, &["klein/klein"]),
    of("Laminas, Mezzio", &PHP, &["laminas/laminas-mvc", "mezzio/mezzio", "laminas-api-tools/api-tools"])
        .imports(&["Laminas\\Router", "Mezzio\\Application"]),
    of("Leaf", &PHP, &["leafs/leaf"]),
    of("League Route", &PHP, &["league/route"]).imports(&["League\\Route\\Router"]),
    of("Magento", &PHP, &["magento/framework", "magento/product-community-edition"]).files(&["etc/webapi.xml"]),
    of("Moodle", &PHP, &["moodle/moodle"]),
    of("Nette", &PHP, &["nette/application", "nette/nette", "apitte/core"]).imports(&["Nette\\Application\\Routers"]),
    of("Nextcloud", &PHP, &["nextcloud/ocp"])
        .imports(&["OCP\\AppFramework\\Controller"])
        .files(&["appinfo/routes.php"]),
    of("October CMS", &PHP, &["october/system", "winter/storm"]),
    of("Phalcon", &PHP, &["phalcon/cphalcon", "phalcon/devtools"]).imports(&["Phalcon\\Mvc"]),
    of("PrestaShop", &PHP, &["prestashop/prestashop"]),
    of("Shopware", &PHP, &["shopware/core", "shopware/platform"]),
    of("Silex", &PHP, &["silex/silex"]).imports(&["Silex\\Application"]),
    of("Silverstripe", &PHP, &["silverstripe/framework"]),
    of("Slim", &PHP, &["slim/slim"]).imports(&["Slim\\Factory\\AppFactory", "Slim\\App"]),
    of("Spiral", &PHP, &["spiral/framework"]),
    of("Swoft", &PHP, &["swoft/http-server", "swoft/framework"]),
    of("Sylius", &PHP, &["sylius/sylius"]),
    of("Symfony", &PHP, &["symfony/framework-bundle", "symfony/symfony"])
        .imports(&["Symfony\\Bundle\\FrameworkBundle\\Controller"]),
    of("Tempest", &PHP, &["tempest/framework"]),
    of("ThinkPHP", &PHP, &["topthink/framework"]),
    of("TYPO3", &PHP, &["typo3/cms-core", "typo3/cms"]),
    of("webman", &PHP, &["workerman/webman-framework"]),
    of("WordPress", &PHP, &["johnpbloch/wordpress", "roots/wordpress", "wpackagist-plugin/*"])
        .texts(&["register_rest_route(", "register_rest_route ("])
        .files(&["wp-includes/version.php"]),
    of("Yii", &PHP, &["yiisoft/yii2", "yiisoft/yii", "yiisoft/router"]).imports(&["yii\\web\\Controller", "yii\\rest"]),
    of(
        "Zend Framework",
        &PHP,
        &["zendframework/zendframework", "zendframework/zend-mvc", "zendframework/zend-expressive"],
    ),
];
