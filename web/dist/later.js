import{Badge,Copy,EnqueueForm,EvidenceList,Failure,G,Icon,J,Loading,Notice,PREFIXES,RunList,Stale,Time,TokenField,WholeDrift,attribute,branchSide,brief,commitLink,comparePath,deliveryWords,eventWord,factPath,factsApiPath,fe,feedPath,formatBytes,formatDuration,formatNumber,getJson,groupsOf,hashOf,hintWork,hookLink,humanize,isActive,kindLabel,lookedAt,navigate,number,object,oneLine,parseHash,parseRepo,place,plural,postJson,problem,query,records,repoPath,runPath,searchApi,searchPath,setTitle,shortSha,sideOf,sideWords,tickNow,tickWords,trendPath,useHash,useMayWrite,usePoll,useRoom,useSignedIn,visible,webAddress}from"./chunk.js";var RUNS=50;function RepoField({route}){let name=route.owner===""?"":`${route.owner}/${route.repo}`,[text,setText]=G(name),[problem2,setProblem]=G(""),repos=usePoll("/api/ci/repos",{isFinal:()=>!0}),known=(repos.data?.repos??[]).map(one=>`${one.owner}/${one.repo}`);J(()=>setText(name),[name]),J(()=>{name===""&&known.length===1&&go(known[0],!0)},[repos.data]);function go(wanted,replace=!1){let parsed=parseRepo(wanted);setProblem(parsed===null?"Write the repository as owner/name.":""),parsed!==null&&wanted.trim()!==name&&navigate(comparePath(parsed),{replace})}function onInput(event){setText(event.target.value),known.includes(event.target.value)&&go(event.target.value)}return name===""&&repos.error?fe`<${Failure} error=${repos.error} refresh=${repos.refresh} what="The list of repositories" />`:fe`<form class="filters" aria-label="Repository" onSubmit=${event=>{event.preventDefault(),go(text)}}>
<label class="field field-repo"><span class="field-label">Repository</span>
<input type="text" list="known-repos" data-search placeholder="owner/name" autocomplete="off" spellcheck="false" value=${text}
aria-invalid=${problem2===""?void 0:"true"} aria-describedby="repo-problem" onInput=${onInput} /></label>
<datalist id="known-repos">${known.map(one=>fe`<option key=${one} value=${one}></option>`)}</datalist>
<p class="field-problem" id="repo-problem" role="alert">${problem2}</p>
</form>`}function SidesForm({route,branches,deployments}){let{owner,repo,base,head}=route,runs=usePoll(`/api/ci/runs${query({owner,repo,status:"SUCCEEDED",limit:RUNS})}`,{isFinal:()=>!0}),choices=choicesOf(branches,deployments,runs.data?.runs??[]),go=change=>navigate(comparePath({owner,repo,base,head,...change}));return fe`<div class="compare-sides">
<${SideField} label="Base" help="what there was" value=${base} choices=${choices} onValue=${value=>go({base:value})} />
<button type="button" class="button" disabled=${base===""&&head===""} onClick=${()=>go({base:head,head:base})}>Swap</button>
<${SideField} label="Head" help="what there is now" value=${head} choices=${choices} onValue=${value=>go({head:value})} />
</div>`}function choicesOf(branches,deployments,runs){let pulls=new Map(runs.filter(run=>run.pr_number!==null).map(run=>[run.pr_number,run.title]));return[{label:"Branches",options:branches.map(branch=>[branchSide(branch),oneLine(branch)])},{label:"Deployed",options:deployments.map(one=>[`deployed:${one.environment}`,`${oneLine(one.environment)}: ${shortSha(one.commit_sha)}`])},{label:"Pull requests",options:[...pulls].map(([number2,title])=>[`pr:${number2}`,`#${number2} ${oneLine(title)}`])},{label:"Runs",options:runs.map(run=>[run.id,`${shortSha(run.commit_sha)} ${oneLine(run.title)}`])}].filter(one=>one.options.length>0)}function SideField({label,help,value,choices,onValue}){let[text,setText]=G(""),isOffered=choices.some(({options})=>options.some(([name])=>name===value));J(()=>setText(""),[value]);function submit(event){event.preventDefault(),text.trim()!==""&&onValue(text.trim())}return fe`<form class="compare-side" aria-label=${label} onSubmit=${submit}>
<label class="field"><span class="field-label">${label}, ${help}</span>
<select value=${value} onChange=${event=>onValue(event.target.value)}>
${value===""&&fe`<option value="" selected>Choose…</option>`}
${value!==""&&!isOffered&&fe`<option value=${value} selected>${short(sideWords(value))}</option>`}
${choices.map(one=>fe`<optgroup key=${one.label} label=${one.label}>
${one.options.map(([name,words])=>fe`<option key=${name} value=${name} selected=${name===value}>${short(words)}</option>`)}</optgroup>`)}
</select></label>
<label class="field"><span class="field-label">or type one, then Enter</span>
<input type="text" placeholder="commit, run, #7, branch" autocomplete="off" autocapitalize="off" spellcheck="false" enterkeyhint="go" maxlength="200" value=${text}
onInput=${event=>setText(event.target.value)} /></label>
</form>`}function short(words){return words.length>70?`${Array.from(words).slice(0,69).join("")}…`:words}var WHOLE=/^([0-9a-f]{40}|[0-9a-f]{64})$/;function meant({owner,repo,text,deployments}){let side=sideOf(text),of=filter=>`/api/ci/runs${query({owner,repo,...filter,limit:1})}`,ofCommit=sha=>({path:sha===""?null:of({commit:sha}),make:WHOLE.test(sha)?{commit_sha:sha}:null});switch(side.is){case"run":return{path:`/api/ci${runPath(side.id)}`,make:null};case"pull":return{path:of({pr:side.number}),make:null};case"branch":return{path:of({ref:side.branch}),make:{ref:side.branch}};case"commit":return ofCommit(side.sha);case"deployed":return ofCommit(deployments.find(one=>one.environment===side.environment)?.commit_sha??"")}}function MissingSide(props){let{owner,repo,text}=props,{path,make}=meant(props),isRun=sideOf(text).is==="run",done=usePoll(path===null||isRun?null:`${path}&status=SUCCEEDED`,{isFinal:()=>!0}),polled=usePoll(path,{isActive:data=>isActive(data.run??data.runs?.[0])}),newest=polled.data?.run??polled.data?.runs?.[0]??null,waits=isActive(newest);return J(()=>{waits&&hintWork(!0)},[waits]),done.data?.runs?.length||newest?.status==="SUCCEEDED"||path!==null&&polled.data===null&&polled.error===null?null:fe`<div class="missing-side"><p><strong><bdi>${sideWords(text)}</bdi></strong>${newest===null?make===null?" has no dossier that could be made from here.":" has no dossier yet.":fe`: its run of <code class="sha">${shortSha(newest.commit_sha)}</code> <a href=${runPath(newest.id)}><${Badge} of="run" value=${newest.status} /></a>${waits?" The comparison appears here by itself when it has succeeded.":""}`}</p>
${newest?.status==="FAILED"&&fe`<${Make} label="Retry as a new run" path=${`/api/ci${runPath(newest.id)}/retry`} body=${void 0} onMade=${polled.refresh} />`}
${newest===null&&make!==null&&fe`<${Make} label="Make its dossier" path="/api/ci/enqueue" body=${{owner,repo,...make,event_type:"manual"}} onMade=${polled.refresh} />`}</div>`}function Make({label,path,body,onMade}){let[state,setState]=G({busy:!1,made:"",error:null});async function make(){setState({busy:!0,made:"",error:null});try{let answer=await postJson(path,body);setState({busy:!1,made:answer.run_id,error:null}),hintWork(!0),onMade()}catch(error){setState({busy:!1,made:"",error:problem(error)})}}let needsToken=state.error?.status===401||state.error?.status===403;return fe`<div>
${state.made===""?fe`<button type="button" class="button" disabled=${state.busy} onClick=${make}>${state.busy?"Enqueueing…":label}</button>`:fe`<p role="status">Enqueued: <a href=${runPath(state.made)}>its run</a>.</p>`}
${state.error&&fe`<p class="text-bad" role="alert">${visible(state.error.message)}</p>`}
${needsToken&&fe`<${TokenField} onChange=${make} />`}</div>`}function ComparePage({route}){let{owner,repo}=route,isNamed=owner!==""&&repo!=="";return J(()=>setTitle(isNamed?`Compare ${owner}/${repo}`:"Compare"),[owner,repo]),fe`<div class="page page-wide">
<div class="page-head"><h1>Compare</h1>${isNamed&&fe`<a href=${repoPath(owner,repo)}>Repository page</a>`}</div>
<${RepoField} route=${route} />
${isNamed?fe`<${Sides} key=${`${owner}/${repo}`} route=${route} />`:fe`<p class="muted">Choose a repository, then two of its branches, commits, runs, pull requests, or what is deployed.</p>`}
</div>`}function Sides({route}){let{owner,repo,base,head}=route,trend=usePoll(`${trendPath(owner,repo)}${query({limit:1})}`,{isFinal:()=>!0}),main=trend.data?.ref??null;J(()=>{base===""&&main!==null&&navigate(comparePath({owner,repo,base:branchSide(main),head}),{replace:!0})},[base,main]);let deployed=usePoll(`/api/ci/deployments${query({owner,repo})}`,{isFinal:()=>!0}),deployments=deployed.data?.deployments??[];return deployed.error?.status===404?fe`<${Notice} title="No run of this repository yet"><p>Check the spelling, or <a href="/setup">connect it on the set-up page</a>.</p><//>`:trend.data===null?trend.error?fe`<${Failure} error=${trend.error} refresh=${trend.refresh} what="The list of branches" />`:fe`<${Loading} label="Loading the branches" rows=${2} />`:fe`<${SidesForm} route=${route} branches=${trend.data.branches} deployments=${deployments} />
${base!==""&&head!==""?fe`<${Result} key=${`${base} ${head}`} route=${route} deployments=${deployments} />`:fe`<p class="muted">Choose ${base!==""?"the head":head!==""?"the base":"both sides"}: what differs is shown at once.</p>`}`}function Result({route,deployments}){let{owner,repo,base,head}=route,{set}=parseHash(useHash()),polled=usePoll(`/api/ci/compare${query({owner,repo,base,head})}`,{isFinal:()=>!0}),found=polled.data,run=usePoll(found&&`/api/ci${runPath(found.head.run_id)}`,{isFinal:()=>!0});if(found===null)return polled.error?.status===404?fe`<${Missing} error=${polled.error} route=${route} deployments=${deployments} />`:polled.error?.status===400?fe`<${Notice} tone="bad" icon="warning" alert=${!0} title="These cannot be compared"><p>${visible(polled.error.message)}</p><//>`:polled.error?fe`<${Failure} error=${polled.error} refresh=${polled.refresh} what="The comparison" />`:fe`<${Loading} label="Comparing" />`;let sides={id:`${found.base.run_id}..${found.head.run_id}`,forge_url:run.data?.run.forge_url,commit_sha:found.head.commit_sha,base_run_id:found.base.run_id};return fe`<p class="compare-what"><${SideLine} side=${found.base} /><span aria-hidden="true">→</span><span class="sr-only">to</span><${SideLine} side=${found.head} /></p>
<${WholeDrift} key=${sides.id} run=${sides} drift=${found.drift} at=${set.get("at")??""} />`}function SideLine({side}){let isCommit=sideOf(side.asked).is==="commit";return fe`<span>${isCommit?"commit":fe`<strong><bdi>${sideWords(side.asked)}</bdi></strong> at`} <a href=${runPath(side.run_id)} aria-label=${`Run of ${shortSha(side.commit_sha)}`}><code class="sha">${shortSha(side.commit_sha)}</code></a>,
${" "}<${Time} at=${side.as_of} />${side.is_behind&&fe` <span class="badge tone-wait">a newer commit has no dossier yet</span>`}</span>`}function Missing({error,route,deployments}){let{owner,repo}=route,texts=[...new Set([route.base,route.head])];return fe`<${Notice} tone="wait" icon="warning" title="One side is missing">
<p>${visible(error.message)}.</p>
${texts.map(text=>fe`<${MissingSide} key=${text} owner=${owner} repo=${repo} text=${text} deployments=${deployments} />`)}<//>`}function FactEvents({address,history,forge}){let{head}=history,[older,setOlder]=G({events:[],next:history.next,loading:!1,error:null}),events=[...history.events,...older.events];async function loadOlder(){setOlder({...older,loading:!0,error:null});try{let page=await getJson(`${address}&before=${older.next}`,{keep:!1});setOlder({events:[...older.events,...page.events],next:page.next,loading:!1,error:null})}catch(error){setOlder({...older,loading:!1,error:problem(error)})}}return fe`<section aria-labelledby="events"><h2 id="events">History</h2>
<ol class="history">
${events.map(one=>fe`<${Row} key=${`${one.run_id} ${one.change}`} one=${one} forge=${forge} />`)}
${older.next===null&&events.at(-1)?.change!=="added"&&head.since_sha!==null&&fe`<li class="history-row muted"><span>
${events.length===0&&history.fact===null?"It was not there at any commit since the history of this repository began:":"It was there when the history of this repository began:"}
${" "}<${At} forge=${forge} sha=${head.since_sha} />, <${Time} at=${head.since_at} /></span></li>`}
</ol>
${older.next!==null&&fe`<div class="more"><button type="button" class="button" disabled=${older.loading} onClick=${loadOlder}>${older.loading?"Loading…":"Show what was before"}</button>
${older.error&&fe`<p class="text-bad" role="alert">${visible(older.error.message)}</p>`}</div>`}
</section>`}function Row({one,forge}){let changes=changesOf(object(one.attrs_before),object(one.attrs_after));return fe`<li class="history-row" data-row><div class="history-what"><div class="fact-main"><${Badge} of="change" value=${one.change} />
<${At} forge=${forge} sha=${one.commit_sha} /><a href=${runPath(one.run_id)}>Run</a>
${one.by_rules&&fe`<span class="muted">Another version of the analyzer made the dossier before, so this may come from its rules.</span>`}</div>
${changes.length>0&&fe`<dl class="attrs drift">${changes.map(({name,before,after})=>fe`<div key=${name}><dt>${visible(humanize(name))}</dt>
<dd>${before!==void 0&&fe`<del><bdi>${before}</bdi></del> `}${after!==void 0&&fe`<ins><bdi>${after}</bdi></ins>`}</dd></div>`)}</dl>`}</div>
<${Time} at=${one.at} /></li>`}function changesOf(before,after){let words=value=>value==null||Array.isArray(value)&&value.length===0?void 0:brief(attribute(value));return[...new Set([...Object.keys(before),...Object.keys(after)])].map(name=>({name,before:words(before[name]),after:words(after[name])})).filter(one=>one.before!==one.after)}function At({forge,sha}){let link=commitLink(forge,sha),code=fe`<code class="sha">${shortSha(sha)}</code>`;return link===null?code:fe`<a class="forge" href=${link} rel="noopener noreferrer" aria-label=${`Commit ${shortSha(sha)} on the forge`}>${code}<${Icon} name="external" /></a>`}var EVENTS=20,REPOS=50,PAGE=20;function FactPage({route}){let{owner,repo,kind,key}=route,isNamed=kind!==""&&key!=="",address=`/api/ci/facts/history${query({owner,repo,kind,key,limit:EVENTS})}`,polled=usePoll(isNamed?address:null,{isFinal:()=>!0}),history=polled.data,run=usePoll(history&&`/api/ci${runPath(history.head.run_id)}`,{isFinal:()=>!0});J(()=>setTitle(isNamed?`${oneLine(key)} · ${oneLine(repo)}`:"Fact"),[key,repo]);let name=`${visible(owner)}/${visible(repo)}`;return fe`<div class="page">
<p class="crumbs"><a href=${repoPath(owner,repo)}><bdi>${name}</bdi></a> · ${history===null?oneLine(kindLabel(kind)):fe`<a href=${runPath(history.head.run_id)+hashOf("facts",kind)}>${oneLine(kindLabel(kind))}</a>`}</p>
<h1>${isNamed?fe`<code class="fact-title"><bdi>${brief(key)}</bdi></code>`:"Which fact?"}</h1>
${isNamed?history===null?fe`<${Nothing} polled=${polled} name=${name} />`:fe`<${Standing} history=${history} forge=${run.data?.run.forge_url??null} />
<${FactEvents} key=${`${address} ${history.events.length}`} address=${address} history=${history} forge=${run.data?.run.forge_url??null} />
<${Elsewhere} kind=${kind} factKey=${key} here=${history.fact??{repo_owner:owner,repo_name:repo}} />`:fe`<p>The address names none. <a href=${searchPath()}>Search</a> finds facts by their names.</p>`}
</div>`}function Nothing({polled,name}){let{error}=polled;return error?.status===404?fe`<${Notice} title="No facts of this repository are known"><p>They are those of the newest dossier of its default branch, and there is none of <bdi>${name}</bdi> yet, or none that you may see.</p><//>`:error?.status===400?fe`<${Notice} tone="bad" icon="warning" alert=${!0} title="There is no such fact"><p>${visible(error.message)}</p><//>`:error?fe`<${Failure} error=${error} refresh=${polled.refresh} what="This fact" />`:fe`<${Loading} label="Loading the fact" />`}function Standing({history,forge}){let{fact,head}=history,unread=number(object(head.coverage).unread)??0;return fe`<section aria-labelledby="standing"><h2 id="standing">Where it stands</h2>
<p>${fact===null?"Not on":"On"} ${head.branch===null?"the default branch":fe`<bdi>${oneLine(head.branch)}</bdi>`}, as of
${" "}<a href=${runPath(head.run_id)}>commit <code class="sha">${shortSha(head.commit_sha)}</code></a>, <${Time} at=${head.as_of} />.
${unread>0&&fe` <span class="muted">${plural(unread,"file")} of that commit ${unread===1?"was":"were"} not read.</span>`}</p>
${fact!==null&&fe`<${Whole} fact=${fact} forge=${forge} />`}</section>`}function Whole({fact,forge}){let stated=usePoll(factsApiPath(fact.run_id,{kind:fact.kind,at:fact.id,limit:PAGE}),{isFinal:()=>!0}),attrs=Object.entries(object(fact.attrs)).filter(([,value])=>value!==null&&value!==""&&!(Array.isArray(value)&&value.length===0)),whole=records(stated.data?.facts).find(one=>one.id===fact.id),evidence=whole?.evidence??[{path:fact.path,start_line:fact.line,end_line:fact.end_line,sha256:fact.sha256}];return fe`<dl class="rows">
<div><dt>Status</dt><dd><${Badge} of="fact" value=${fact.status} /></dd></div>
${attrs.map(([name,value])=>fe`<div key=${name}><dt>${visible(humanize(name))}</dt><dd><bdi>${brief(attribute(value))}</bdi></dd></div>`)}
</dl>
${stated.loading?fe`<${Loading} label="Loading the lines" rows=${1} />`:fe`<${EvidenceList} key=${fact.run_id} run=${{forge_url:forge,commit_sha:fact.commit_sha}} evidence=${evidence} open=${whole!==void 0} />`}`}function Elsewhere({kind,factKey,here}){let polled=usePoll(`/api/ci/facts${query({kind,key:factKey,limit:REPOS})}`,{isFinal:()=>!0}),nameOf=one=>`${one.repo_owner}/${one.repo_name}`,others=(polled.data?.facts??[]).filter(one=>nameOf(one).toLowerCase()!==nameOf(here).toLowerCase());return fe`<section aria-labelledby="elsewhere"><h2 id="elsewhere">In other repositories ${others.length>0&&fe`<span class="tab-count num">${formatNumber(others.length)}</span>`}</h2>
${polled.data===null?polled.error?fe`<${Failure} error=${polled.error} refresh=${polled.refresh} what="The list" />`:fe`<${Loading} label="Loading" rows=${1} />`:others.length===0?fe`<p class="muted">No other default branch states it, as far as their dossiers go.</p>`:fe`<ul class="repos" role="list">${others.map(one=>fe`<li class="found-row" key=${`${nameOf(one)} ${one.id}`} data-row>
<a class="repo-link" href=${factPath(one,one)}><bdi>${oneLine(nameOf(one))}</bdi></a>
<span class="muted"><code><bdi>${place({path:one.path,start_line:one.line,end_line:one.end_line})}</bdi></code></span>
<code class="sha">${shortSha(one.commit_sha)}</code> <${Time} at=${one.as_of} /></li>`)}</ul>`}
${polled.data?.next&&fe`<p><a href=${searchPath(`${kind}:${factKey}`)}>There are more</a></p>`}</section>`}function SearchPage({route}){let{q}=route,[text,setText]=G(q),polled=usePoll(q===""?null:searchApi(q),{isFinal:()=>!0});J(()=>setText(q),[q]),J(()=>setTitle(q===""?"Search":`${oneLine(q)} · Search`),[q]);function submit(event){event.preventDefault(),navigate(searchPath(text.trim()))}return fe`<div class="page"><h1>Search</h1>
<form class="filters filters-inline" role="search" aria-label="Search everything" onSubmit=${submit}>
<label class="field field-grow"><span class="field-label">Commit, run, delivery, repository, branch, title, or fact</span>
<input type="search" data-search autocomplete="off" autocapitalize="off" spellcheck="false" maxlength="200" value=${text}
onInput=${event=>setText(event.target.value)} /></label>
<button type="submit" class="button">Search</button>
</form>
${q===""?fe`<${Ways} />`:fe`<${Answer} q=${q} polled=${polled} />`}
</div>`}function Ways(){return fe`<p>Begin with what it is to look for that only:</p>
<dl class="rows">${PREFIXES.map(({start,words})=>fe`<div key=${start}><dt><code>${start}</code></dt><dd>${words}</dd></div>`)}</dl>`}function Answer({q,polled}){let withDeliveries=useMayWrite(!0);if(polled.error?.status===400)return fe`<${Notice} tone="bad" icon="warning" alert=${!0} title="This cannot be looked for"><p>${visible(polled.error.message)}</p><//>`;if(polled.data===null)return polled.error?fe`<${Failure} error=${polled.error} refresh=${polled.refresh} what="The search" />`:fe`<${Loading} label="Searching" />`;let groups=groupsOf(polled.data,q);return groups.length===0?fe`<${Notice} title=${`Nothing found for “${oneLine(q)}”`}><p>${lookedAt(q,withDeliveries)}</p><//>`:fe`<div class="found">
${polled.data.truncated&&fe`<p class="muted">There are more than these: write more of it, or begin with what it is (env:, endpoint:, host:, dep:, table:).</p>`}
${groups.map(({title,hits,more})=>fe`<section key=${title} aria-label=${title}>
<h2>${title} <span class="tab-count num">${formatNumber(hits.length)}</span></h2>
<ul class="repos" role="list">${hits.map((hit,index)=>fe`<${Row2} key=${index} hit=${hit} />`)}</ul>
${more!==void 0&&fe`<p class="found-more"><a href=${more}>Only ${title.toLowerCase()}</a></p>`}</section>`)}
</div>`}function Row2({hit}){return fe`<li class="found-row" data-row>
${hit.badge&&fe`<${Badge} of=${hit.badge.of} value=${hit.badge.value} />`}
<a class="repo-link" href=${hit.href}>${hit.isCode?fe`<code><bdi>${hit.name}</bdi></code>`:fe`<bdi>${hit.name}</bdi>`}</a>
<span class="muted"><bdi>${hit.where}</bdi></span></li>`}function SetupPage(){let polled=usePoll("/api/ci/health",{accept:[503],isActive:data=>!data.last_webhook});J(()=>setTitle("Set-up"),[]);let health=polled.data,ready=health!==null;return J(()=>{ready&&location.hash.length>1&&document.getElementById(location.hash.slice(1))?.scrollIntoView()},[ready]),fe`<div class="page page-read">
<h1>Set-up</h1>
<${Stale} polled=${polled} />
${health===null?polled.error?fe`<${Failure} error=${polled.error} refresh=${polled.refresh} what="This server's settings" />`:fe`<${Loading} label="Loading this server's settings" />`:fe`<${Steps} health=${health} />`}
</div>`}function Steps({health}){let base=webAddress(health.public_url)??location.origin,local=/^https?:\/\/(localhost|127\.|\[::1\])/.test(base),secret=health.webhook_secret==="set";return fe`<div class="setup">
<section aria-labelledby="webhook">
<h2 id="webhook">1. Add the webhook on GitHub</h2>
<${HookPage} forge=${webAddress(health.forge_url)} />
<p>Fill in:</p>
<dl class="setting-list">
<div><dt>Payload URL</dt><dd><${Copy} value=${`${base}/api/webhooks/github`} label="payload URL" />
${local&&fe`<p class="field-help">GitHub cannot reach this address. Set <code>CI_PUBLIC_URL</code> to the address under which the server is reachable from outside.</p>`}</dd></div>
<div><dt>Content type</dt><dd><${Copy} value="application/json" label="content type" /></dd></div>
<div><dt>Secret</dt><dd><p class=${`state tone-${secret?"good":"bad"}`}><${Icon} name=${secret?"check":"cross"} />
${secret?"Set on this server":"Not set on this server"}</p>
<p class="field-help">${secret?fe`Use the same value as <code>GITHUB_WEBHOOK_SECRET</code>. It is never shown here.`:fe`Set <code>GITHUB_WEBHOOK_SECRET</code> and restart the server. Until then every delivery is refused.`}</p>
${!secret&&fe`<${NewSecret} />`}</dd></div>
<div><dt>Events</dt><dd><p>Let me select individual events: <strong>Pushes</strong> and <strong>Pull requests</strong>, nothing else.</p></dd></div>
</dl>
</section>
<section aria-labelledby="ping">
<h2 id="ping">2. Wait for the first ping</h2>
<${Ping} health=${health} />
</section>
<section aria-labelledby="cron">
<h2 id="cron">3. Keep the queue moving while nobody looks</h2>
<p>An open page drives the queue. For the rest of the day, one line of cron does the same:</p>
<${Copy} value=${`* * * * * curl -fsS -m 300 -X POST ${base}/api/ci/worker/tick >/dev/null`} label="cron line" />
</section>
<section aria-labelledby="enqueue">
<h2 id="enqueue">Enqueue a commit by hand</h2>
<p>For a first look without a push. The server must be able to read the repository.</p>
<${EnqueueForm} write=${health.access.write} />
</section>
</div>`}function HookPage({forge}){let[name,setName]=G(""),link=hookLink(forge,name);return forge===null?fe`<p>In the repository (or the organisation): Settings → Webhooks → Add webhook.</p>`:fe`<div class="hook-page">
<label class="field"><span class="field-label">Repository (or organisation)</span>
<input type="text" name="hook" placeholder="octo-org/octo-repo" autocomplete="off" autocapitalize="off" spellcheck="false" value=${name}
onInput=${event=>setName(event.target.value)} /></label>
${link===null?fe`<p class="field-help">In its Settings → Webhooks → Add webhook. With the name, its address stands here.</p>`:fe`<p><a href=${link} target="_blank" rel="noopener noreferrer">Add the webhook to ${oneLine(name)}</a></p>`}
</div>`}function NewSecret(){let[made,setMade]=G("");function make(){let bytes=crypto.getRandomValues(new Uint8Array(32));setMade(Array.from(bytes,byte=>byte.toString(16).padStart(2,"0")).join(""))}return fe`<div role="status">${made===""?fe`<button type="button" class="button" onClick=${make}>Make a secret</button>`:fe`<${Copy} value=${made} label="new secret" /><p class="field-help">Made in this page and sent nowhere: set it on the server and at GitHub, then leave this page.</p>`}</div>`}function Ping({health}){let seen=health.last_webhook,rejected=health.last_rejected,works=seen&&!(rejected&&Date.parse(rejected.at)>Date.parse(seen.at));return fe`<div role="status">
${seen&&!works&&fe`<p class="state state-large tone-wait"><${Icon} name="warning" /><span>The webhook worked at first, but the last delivery was rejected. Last accepted: <${Time} at=${seen.at} /></span></p>`}
${works?fe`<p class="state state-large tone-good"><${Icon} name="check" /><span>The webhook works. Last delivery${seen.detail&&fe` (<bdi>${deliveryWords(seen.detail)}</bdi>)`}: <${Time} at=${seen.at} /></span></p>`:!seen&&fe`<p class="state state-large tone-wait"><${Icon} name="running" /><span>Waiting for the first ping. GitHub sends it as soon as the webhook is saved.</span></p>`}
${rejected&&fe`<p class="state state-large tone-bad"><${Icon} name="cross" /><span>Last rejected delivery: <bdi>${oneLine(rejected.detail??"no reason recorded")}</bdi>, <${Time} at=${rejected.at} /></span></p>`}
</div>`}function Deliveries({write,delivery}){let signedIn=useSignedIn();return write==="closed"?fe`<${Notice} title="Closed"><p>Set <code>CI_API_TOKEN</code> on the server to read deliveries.</p><//>`:fe`<div>
${write==="token"&&fe`<${TokenField} />`}
${write==="open"||signedIn?fe`<${Log} key=${delivery} delivery=${delivery} />`:fe`<p class="muted">Deliveries may name private repositories, so reading them needs the token.</p>`}
</div>`}function Log({delivery}){let[text,setText]=G(delivery),wanted=text.trim().toLowerCase(),id=/^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(wanted)?wanted:"",polled=usePoll(`/api/ci/deliveries${query(id===""?{limit:100}:{delivery_id:id})}`);return fe`<div>
<${Stale} polled=${polled} />
<label class="field field-search"><span class="field-label">Find by delivery id, repository or outcome</span>
<input type="search" data-search autocomplete="off" spellcheck="false" value=${text} onInput=${event=>setText(event.target.value)} /></label>
<${Found} polled=${polled} wanted=${wanted} id=${id} />
</div>`}function Found({polled,wanted,id}){if(polled.data===null)return polled.error?fe`<${Failure} error=${polled.error} refresh=${polled.refresh} what="The deliveries" />`:fe`<${Loading} label="Loading deliveries" />`;let all=polled.data.deliveries,found=wanted===""?all:all.filter(one=>`${one.delivery_id} ${one.repo??""} ${one.outcome}`.toLowerCase().includes(wanted));return fe`<div>
${found.length===0?fe`<p class="muted empty-line">${id!==""?"No delivery has this id.":all.length===0?"No delivery has arrived yet.":"No delivery matches among the newest 100; a whole id is looked for among all."}</p>`:fe`<div class="scroll-x" tabindex="0" role="region" aria-label="Deliveries"><table class="data deliveries">
<thead><tr><th scope="col">Outcome</th><th scope="col">Received</th><th scope="col">Event</th><th scope="col">Repository</th><th scope="col">Reason</th><th scope="col">Delivery id</th></tr></thead>
<tbody>${found.map(one=>fe`<tr key=${one.delivery_id}>
<td><${Badge} of="outcome" value=${one.outcome} /></td><td><${Time} at=${one.received_at} /></td>
<td>${eventWord(one.event)}${one.action?` ${oneLine(one.action)}`:""}</td><td><bdi>${oneLine(one.repo??"–")}</bdi></td>
<td class="reason">${one.run_id?fe`<a href=${runPath(one.run_id)}>Run</a>${one.reason?" ":""}`:""}<bdi>${oneLine(one.reason??"")}</bdi></td>
<td><code>${visible(one.delivery_id)}</code></td></tr>`)}</tbody></table></div>`}
</div>`}var DATABASES={sqlite:"SQLite",postgres:"Postgres"},RUNNING={status:"RUNNING"},QUEUED={status:"QUEUED"},QUEUE_ROWS=50;function StatusPage({route}){let polled=usePoll("/api/ci/health",{accept:[503],isActive:({jobs})=>jobs!==void 0&&jobs.READY+jobs.LEASED>0});J(()=>setTitle("Status"),[]);let health=polled.data;return fe`<div class="page page-wide">
<div class="page-head"><h1>Status</h1>${health&&fe`<${Badge} of="health" value=${health.status} />`}</div>
<${Stale} polled=${polled} />
${health===null?polled.error?fe`<${Failure} error=${polled.error} refresh=${polled.refresh} what="The server's health" />`:fe`<${Loading} label="Loading the server's health" />`:fe`<${Health} health=${health} />`}
${health&&fe`<section aria-labelledby="deliveries"><h2 id="deliveries">Webhook deliveries</h2>
<${Deliveries} write=${health.access.write} delivery=${route.delivery} /></section>`}
</div>`}function Health({health}){let{jobs,disk,sandbox,database,diagnosis}=health,fine=health.ok&&diagnosis.length===0,layers=Object.entries(sandbox.layers),said=useRoom();return fe`<div class="health">
<div ref=${said}><${Notice} tone=${fine?"good":"bad"} icon=${fine?"check":"warning"} title=${fine?"The feed is working":"The feed needs attention"}>
${diagnosis.length>0?fe`<ul class="sentences">${diagnosis.map((one,index)=>fe`<li key=${index}>${oneLine(one)}</li>`)}</ul>`:fe`<p>Nothing to report.</p>`}
<${Remedies} health=${health} />
<//></div>
<h2>Queue</h2>
<div><dl class="tiles">
<${Tile} label="Waiting" value=${formatNumber(jobs?.READY)} />
<${Tile} label="Being worked on" value=${formatNumber(jobs?.LEASED)} />
<${Tile} label="Done" value=${formatNumber(jobs?.DONE)} />
<${Tile} label="Given up" value=${formatNumber(jobs?.DEAD)} />
<${Tile} label="Oldest waiting" value=${typeof health.oldest_ready_seconds=="number"?formatDuration(health.oldest_ready_seconds*1e3,{live:!0}):"none"} />
</dl></div>
<div class="queue"><section class="queue-part" aria-labelledby="working"><h3 id="working">Being worked on</h3><${Queue} filter=${RUNNING} some=${(jobs?.LEASED??0)>0} none="Nothing right now." /></section>
<section class="queue-part" aria-labelledby="waiting"><h3 id="waiting">Waiting</h3><${Queue} filter=${QUEUED} some=${(jobs?.READY??0)>0} none="Nothing waits." /></section></div>
<h2>Signs of life</h2>
<dl class="rows">
<${Sign} label="Last tick" sign=${health.last_tick} words=${tickWords} none="Nobody has called tick yet. Keep a page open or add the cron line of the set-up page." />
<${Sign} label="Last webhook" sign=${health.last_webhook} words=${deliveryWords} none="No delivery has arrived yet." />
<${Sign} label="Last rejected webhook" sign=${health.last_rejected} none="None" />
<div><dt>Last run</dt><dd>${health.last_run?fe`<${Time} at=${health.last_run.finished_at??health.last_run.created_at} /> <a href=${runPath(health.last_run.id)}><${Badge} of="run" value=${health.last_run.status} /></a>`:"None yet"}</dd></div>
</dl>
<h2>Server</h2>
<dl class="rows">
<div><dt>Version</dt><dd>${oneLine(health.version)}</dd></div>
<div><dt>Database</dt><dd>${DATABASES[database.kind]??oneLine(database.kind)}${typeof database.latency_ms=="number"&&fe`, answers in <span class="num">${formatDuration(database.latency_ms)}</span>`}</dd></div>
<div><dt>Disk, work folder</dt><dd class="num">${formatBytes(disk.tmp_free_bytes)} free${disk.low?fe` <strong class="text-bad">low</strong>`:""}</dd></div>
<div><dt>Disk, artifacts</dt><dd class="num">${formatBytes(disk.artifacts_free_bytes)} free</dd></div>
<div><dt>Sandbox</dt><dd><ul class="layers">${layers.map(([name,on])=>fe`<li key=${name}>${visible(humanize(name))}: <strong>${on?"on":"off"}</strong></li>`)}</ul></dd></div>
<div><dt>Webhook secret</dt><dd>${oneLine(health.webhook_secret)}</dd></div>
<div><dt>Access</dt><dd>reading ${oneLine(health.access.read)}, writing ${oneLine(health.access.write)}</dd></div>
</dl>
</div>`}function Queue({filter,some,none}){let empty=fe`<p class="muted">${none}</p>`;return fe`<div class="queue-box" tabindex="0" role="region" aria-label=${filter.status==="QUEUED"?"Waiting runs":"Runs that are worked on"}>${some?fe`<${RunList} filter=${filter} few=${QUEUE_ROWS} empty=${empty} />`:empty}</div>`}function Remedies({health}){let{jobs,last_run:run,last_webhook:seen,last_rejected:rejected}=health,waits=(jobs?.READY??0)>0,failed=run?.status==="FAILED",hook=health.webhook_secret!=="set"||!seen||rejected&&Date.parse(rejected.at)>Date.parse(seen.at);return!waits&&!failed&&!hook?null:fe`<p class="remedies">
${waits&&fe`<${RunNext} />`}
${failed&&fe`<a class="button" href=${feedPath({status:"FAILED"})}>Failed runs</a>`}
${hook&&fe`<a class="button" href="/setup">Set up the webhook</a>`}
</p>`}function RunNext(){let[state,setState]=G({busy:!1,error:null});async function run(){setState({busy:!0,error:null});let error=null;await tickNow().catch(cause=>{error=problem(cause)}),setState({busy:!1,error})}return fe`<button type="button" class="button button-primary" disabled=${state.busy} onClick=${run}>Run next now</button>
${state.error&&fe`<span class="text-bad" role="alert">${oneLine(state.error.message)}</span>`}`}function Tile({label,value}){return fe`<div class="tile"><dt>${label}</dt><dd class="num">${value}</dd></div>`}function Sign({label,sign,none,words=oneLine}){return fe`<div><dt>${label}</dt><dd>${sign?fe`<${Time} at=${sign.at} />${sign.detail&&fe` <bdi>${words(sign.detail)}</bdi>`}`:fe`<span class="muted">${none}</span>`}</dd></div>`}export{ComparePage,FactPage,SearchPage,SetupPage,StatusPage};
